// ejabberd as packaged by Debian, with its message archive (mod_mam) in Mnesia, its default:
// https://docs.ejabberd.im/admin/configuration/modules/#mod_mam Its rate limits are off, like Parley's,
// and users need no accounts.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../server/supervisor/ports.ts";
import { findOnPath } from "../../test/kit/programs.ts";
import { pause } from "../child.ts";
import { processOf, type Program } from "../programs.ts";

const START_LIMIT_MS = 60_000;
const LIBRARIES = "/usr/lib";

const configuration = (port: number): string => `
hosts: [localhost]
loglevel: error
auth_method: anonymous
anonymous_protocol: sasl_anon
allow_multiple_connections: true
listen:
  - port: ${String(port)}
    ip: "127.0.0.1"
    backlog: 1024
    module: ejabberd_http
    request_handlers:
      /ws: ejabberd_http_ws
shaper_rules:
  max_user_sessions: 10
modules:
  mod_disco: {}
  mod_mam:
    db_type: mnesia
    default: always
    assume_mam_usage: true
  mod_muc:
    access: all
    access_create: all
    access_mam: all
    history_size: 0
    max_users: 2000
    default_room_options:
      mam: true
      max_users: 2000
`;

/** Returns the folder of the package's libraries; null if it is not installed. */
async function findLibraries(): Promise<string | null> {
  if (findOnPath("erl") === undefined) return null;
  for (const machine of await readdir(LIBRARIES).catch(() => [])) {
    const names = await readdir(join(LIBRARIES, machine)).catch(() => []);
    if (names.some((name) => name.startsWith("ejabberd-"))) return join(LIBRARIES, machine);
  }
  return null;
}

/** Starts ejabberd in a new folder; null if it is not installed. */
export async function startEjabberd(): Promise<Program | null> {
  const libraries = await findLibraries();
  if (libraries === null) return null;
  const folder = await mkdtemp(join(tmpdir(), "parley-bench-ejabberd-"));
  const port = await freePort();
  const file = join(folder, "ejabberd.yml");
  await writeFile(file, configuration(port));
  // Without a cluster name, so that it starts no port mapper that would keep running.
  const child = spawn(
    "erl",
    ["-noinput", "+K", "true", "-mnesia", "dir", `"${join(folder, "spool")}"`, "-s", "ejabberd"],
    {
      env: {
        ...process.env,
        ERL_LIBS: libraries,
        HOME: folder,
        EJABBERD_CONFIG_PATH: file,
        EJABBERD_LOG_PATH: join(folder, "ejabberd.log"),
        ERL_CRASH_DUMP: join(folder, "crash"),
      },
      stdio: ["ignore", "ignore", "ignore"],
    },
  );
  const until = performance.now() + START_LIMIT_MS;
  while (!(await accepts(port))) {
    if (child.exitCode !== null || performance.now() > until)
      throw new Error(`ejabberd did not start; see ${folder}`);
    await pause(50);
  }
  return {
    url: `ws://127.0.0.1:${String(port)}`,
    cpuSeconds: async () => (await processOf(String(child.pid))).cpuSeconds,
    memory: () => Promise.reject(new Error("ejabberd has no memory probe")),
    stop: async () => {
      const closed = once(child, "exit");
      child.kill("SIGKILL");
      await closed;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => {
      resolve(false);
    });
  });
}
