import { connect, createServer, type Server, type Socket } from "node:net";
import { onRelease } from "../kit/resources.ts";

/** A proxy to a database that can be shut and opened, to simulate a failing network or host. */
export interface DatabaseGate {
  /** URL through the gate, for the server under test. */
  readonly url: string;
  /** Cuts all connections and rejects new ones. */
  shut(): Promise<void>;
  open(): Promise<void>;
}

/** Creates an open gate in front of a database, on a free port of 127.0.0.1. */
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
