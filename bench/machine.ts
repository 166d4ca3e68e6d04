import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { cpus, release, totalmem } from "node:os";
import { promisify } from "node:util";
import pg from "pg";

/** Packages whose versions affect the results. */
const PACKAGES = ["graphql-yoga", "graphql-ws", "ws", "socket.io", "pg", "@prisma/client"];
const run = promisify(execFile);

/** Describes machine and software of the measurement, as lines of Markdown. */
export async function describeMachine(databaseUrl: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client.query<{ server_version: string }>("SHOW server_version");
  await client.end();
  const redis = await run("redis-server", ["--version"]);
  const versions: string[] = [];
  for (const name of PACKAGES) {
    const manifest = JSON.parse(await readFile(`node_modules/${name}/package.json`, "utf8")) as {
      version: string;
    };
    versions.push(`${name} ${manifest.version}`);
  }
  return [
    `Machine: ${String(cpus().length)} × ${cpus()[0]?.model.trim() ?? "unknown"}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, ${process.platform} ${release()}.`,
    `Node ${process.versions.node}, PostgreSQL ${rows[0]?.server_version ?? "?"} (fsync and synchronous_commit on), Redis ${/v=(\S+)/.exec(redis.stdout)?.[1] ?? "?"}; ${versions.join(", ")}.`,
  ];
}
