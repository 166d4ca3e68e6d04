import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { onRelease } from "./resources.ts";
import type { Endpoint } from "./socket.ts";

/** One URL in front of several instances, as in a deployment. */
export interface LoadBalancer {
  readonly url: string;
  /** Cuts one connection abruptly; `choose` receives the number of connections. */
  cut(choose: (count: number) => number): void;
  /** Stops forwarding to clients, as if they did not read. Returns a function that continues. */
  stall(): () => void;
}

/**
 * Forwards each TCP connection to the next instance in turn, or to the one after it if that does not
 * listen. Stopped after the test file.
 *
 * @param endpoints returns the instances, for each connection
 */
export async function startLoadBalancer(
  endpoints: () => readonly Endpoint[],
): Promise<LoadBalancer> {
  let turn = 0;
  const open = new Set<Socket>();
  const targets = new Set<Socket>();
  const server = createServer((socket) => {
    const all = endpoints();
    const first = turn;
    turn += 1;
    open.add(socket);
    const end = (): void => {
      open.delete(socket);
      socket.destroy();
    };
    socket.on("error", end).on("close", end);
    const reach = (tries: number): void => {
      const endpoint = all[(first + tries) % all.length];
      if (endpoint === undefined || tries === all.length) {
        end();
        return;
      }
      const { hostname, port } = new URL(typeof endpoint === "string" ? endpoint : endpoint.url);
      const target = connect(Number(port), hostname);
      const refused = (): void => reach(tries + 1);
      target.once("error", refused).once("connect", () => {
        target.off("error", refused).on("error", end).on("close", end);
        targets.add(target);
        target.once("close", () => targets.delete(target));
        socket.once("close", () => target.destroy());
        if (socket.destroyed) target.destroy();
        else socket.pipe(target).pipe(socket);
      });
    };
    reach(0);
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
    stall: () => {
      const stalled = [...targets];
      for (const target of stalled) target.pause();
      return () => {
        for (const target of stalled) target.resume();
      };
    },
  };
}
