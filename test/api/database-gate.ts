import { connect, createServer, type Server, type Socket } from "node:net";
import { onRelease } from "../kit/resources.ts";

/** The way to a database, which can be shut and opened as a failing network or host does. */
export interface DatabaseGate {
  /** For the server under test, in place of the database's own. */
  readonly url: string;
  /** Cuts all connections and refuses new ones. */
  shut(): Promise<void>;
  open(): Promise<void>;
}

/** Puts a gate in front of a database, on a free port of 127.0.0.1. It is open at first. */
export async function makeDatabaseGate(databaseUrl: string): Promise<DatabaseGate> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  const follow = (socket: Socket, other: Socket): void => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.once("close", () => {
      sockets.delete(socket);
      other.destroy();
    });
    socket.pipe(other);
  };
  let server: Server | undefined;
  const listen = async (port: number): Promise<number> => {
    const gate = createServer((client) => {
      const database = connect(Number(target.port), target.hostname);
      follow(client, database);
      follow(database, client);
    });
    server = gate;
    await new Promise<void>((resolve, reject) => {
      gate.once("error", reject);
      gate.listen(port, "127.0.0.1", resolve);
    });
    const address = gate.address();
    if (address === null || typeof address === "string") throw new Error("a gate has a port");
    return address.port;
  };
  const shut = async (): Promise<void> => {
    const gate = server;
    if (gate === undefined) return;
    server = undefined;
    const closed = new Promise<void>((resolve) => void gate.close(() => resolve()));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  onRelease(shut);
  const port = await listen(0);
  const url = new URL(databaseUrl);
  url.host = `127.0.0.1:${port}`;
  return {
    url: url.href,
    shut,
    open: async () => {
      if (server === undefined) await listen(port);
    },
  };
}
