// A proxy between a server and PostgreSQL that counts the server's statements.
// https://www.postgresql.org/docs/current/protocol-message-formats.html
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

export interface StatementCounter {
  /** The database's URL through the proxy. */
  url: string;
  /** Returns the number of statements since the last call. */
  take(): number;
  stop(): Promise<void>;
}

/** Types of messages that execute a statement: a simple query, and the execution of a prepared one. */
const EXECUTING = new Set(["Q", "E"].map((letter) => letter.charCodeAt(0)));
/** A message's type, then its length without the type. */
const HEAD = 5;

export async function countStatementsOf(databaseUrl: string): Promise<StatementCounter> {
  const target = new URL(databaseUrl);
  const open = new Set<Socket>();
  let count = 0;
  const server = createServer((client) => {
    const database = connect(Number(target.port), target.hostname);
    const counted = countMessages((type) => {
      if (EXECUTING.has(type)) count += 1;
    });
    client.on("data", (chunk: Buffer) => {
      counted(chunk);
      database.write(chunk);
    });
    database.pipe(client);
    for (const [socket, other] of [
      [client, database],
      [database, client],
    ] as const) {
      open.add(socket);
      socket.setNoDelay(true);
      socket.on("error", () => other.destroy());
      socket.on("close", () => {
        open.delete(socket);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const url = new URL(databaseUrl);
  url.hostname = "127.0.0.1";
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    take: () => {
      const taken = count;
      count = 0;
      return taken;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        for (const socket of open) socket.destroy();
      }),
  };
}

/** Reports the type of each message of one connection. The first one, which opens it, has none. */
function countMessages(tell: (type: number) => void): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0);
  let isOpen = false;
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      const head = isOpen ? HEAD : HEAD - 1;
      if (rest.length < head) return;
      const length = rest.readUInt32BE(head - 4) + (head - 4);
      if (rest.length < length) return;
      if (isOpen) tell(rest[0] ?? 0);
      isOpen = true;
      rest = rest.subarray(length);
    }
  };
}
