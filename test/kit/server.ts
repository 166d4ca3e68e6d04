import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { inject } from "vitest";
import { onRelease } from "./resources.ts";
import { ServerProcess, type ServerOptions, type TestServer } from "./server-process.ts";

/**
 * Compiles Prisma's WebAssembly once, without optimizing it: a test ends before the optimization, which
 * takes 0.5 s of CPU time per server, pays off.
 */
const NODE_OPTIONS = ["--liftoff-only"];

export type { ServerOptions, TestServer } from "./server-process.ts";

/**
 * Starts a server and waits until it is ready. Stopped after the test file.
 *
 * @throws with its output if it ends or is not ready within 30 s
 */
export async function startServer(options: ServerOptions): Promise<TestServer> {
  const dataFolder = await mkdtemp(join(inject("scratch"), "server-"));
  const server = new ServerProcess(options, {
    root: inject("root"),
    bundle: inject("serverBundle"),
    dataFolder,
    nodeOptions: NODE_OPTIONS,
  });
  onRelease(() => server.release());
  await server.start();
  return server;
}
