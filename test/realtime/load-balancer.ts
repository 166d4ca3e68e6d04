import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { onRelease } from "../kit/resources.ts";
import type { Endpoint } from "../kit/socket.ts";

/** One address in front of several instances, as a deployment has. */
export interface LoadBalancer {
  readonly url: string;
  /** Cuts any one connection without a farewell; `choose` gets their number. */
  cut(choose: (count: number) => number): void;
}

/**
 * Passes each TCP connection on to the next instance in turn. Gone after the test file.
 *
 * @param endpoints the instances, asked for at each connection
 */
export async function startLoadBalancer(
  endpoints: () => readonly Endpoint[],
): Promise<LoadBalancer> {
  let turn = 0;
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    const all = endpoints();
    const endpoint = all[turn % all.length];
    turn += 1;
    if (endpoint === undefined) {
      socket.destroy();
      return;
    }
    const { hostname, port } = new URL(typeof endpoint === "string" ? endpoint : endpoint.url);
    const target = connect(Number(port), hostname);
    open.add(socket);
    socket.pipe(target).pipe(socket);
    const end = (): void => {
      open.delete(socket);
      socket.destroy();
      target.destroy();
    };
    for (const side of [socket, target]) side.on("error", end).on("close", end);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onRelease(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no TCP address");
  return {
    url: `http://127.0.0.1:${address.port}`,
    cut: (choose) => [...open][choose(open.size)]?.destroy(),
  };
}
