import { existsSync } from "node:fs";
import { mkdir, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { isAlive } from "../../server/infra/database/embedded/system.ts";
import { StartupError } from "../../server/kernel/startup-error.ts";
import { eventually } from "../kit/eventually.ts";
import { makeDataFolder, makeEmptyFolder, query, remember, remembered } from "./data-folder.ts";

const SLOW = 60_000;

describe("the embedded PostgreSQL", { timeout: SLOW }, () => {
  it("starts, serves only this machine, and keeps committed data", async () => {
    const folder = await makeEmptyFolder();
    const first = await folder.start();
    expect(first.adopted).toBe(false);
    await remember(first.url, "hello");
    const settings = await query<{ name: string; setting: string }>(
      first.url,
      `SELECT name, setting FROM pg_settings
        WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes', 'listen_addresses')`,
    );
    expect(Object.fromEntries(settings.map(({ name, setting }) => [name, setting]))).toEqual({
      fsync: "on",
      synchronous_commit: "on",
      full_page_writes: "on",
      listen_addresses: "127.0.0.1",
    });
    await expect(query(first.url.replace(/:[^:@]*@/, ":wrong@"), "SELECT 1")).rejects.toThrow(
      "password",
    );
    expect((await stat(join(folder.home, "postgres.password"))).mode & 0o777).toBe(0o600);
    const pid = await folder.postmaster();
    await first.stop();
    expect(await isAlive(pid)).toBe(false);

    const second = await folder.start();
    expect(second.adopted).toBe(false);
    expect(await remembered(second.url)).toEqual(["hello"]);
    await second.stop();
  });

  it("gives the application a role without superuser rights that may create databases", async () => {
    const folder = await makeDataFolder();
    const postgres = await folder.start();
    const roles = await query(
      postgres.url,
      "SELECT rolsuper, rolcreatedb FROM pg_roles WHERE rolname = current_user",
    );
    expect(roles).toEqual([{ rolsuper: false, rolcreatedb: true }]);
    await query(postgres.url, "CREATE EXTENSION citext");
    await postgres.stop();
  });

  it("is adopted by a new owner after its owner was killed", async () => {
    const folder = await makeDataFolder();
    const owner = await folder.startElsewhere();
    await remember(owner.url, "before the crash");
    const pid = await folder.postmaster();
    await owner.process.end("SIGKILL");
    expect(await isAlive(pid)).toBe(true);

    const next = await folder.start();
    expect(next.adopted).toBe(true);
    expect(next.url).toBe(owner.url);
    expect(await folder.postmaster()).toBe(pid);
    expect(await remembered(next.url)).toEqual(["before the crash"]);
    await next.stop();
    expect(await isAlive(pid)).toBe(false);
  });

  it("recovers after it was killed together with its owner", async () => {
    const folder = await makeDataFolder();
    const owner = await folder.startElsewhere();
    await remember(owner.url, "committed");
    process.kill(await folder.postmaster(), "SIGKILL");
    await owner.process.end("SIGKILL");

    const next = await folder.start();
    expect(next.adopted).toBe(false);
    expect(await remembered(next.url)).toEqual(["committed"]);
    await next.stop();
  });

  it("rejects a second owner with one line that names the first, whose use continues", async () => {
    const folder = await makeDataFolder();
    const first = await folder.startElsewhere();
    const refused = await folder.start().catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(StartupError);
    expect(refused).toMatchObject({
      message: expect.stringContaining(`(process ${first.process.pid})`),
      remedy: expect.stringContaining("PARLEY_DATA"),
    });
    await remember(first.url, "still here");
    expect(await remembered(first.url)).toEqual(["still here"]);
  });

  it("lets only one of two parallel starts use a new folder", async () => {
    const folder = await makeEmptyFolder();
    const results = await Promise.allSettled([folder.start(), folder.start()]);
    const winners = results.flatMap((result) =>
      result.status === "fulfilled" ? [result.value] : [],
    );
    expect(winners).toHaveLength(1);
    for (const winner of winners) {
      await remember(winner.url, "one database");
      await winner.stop();
    }
  });

  it.each([
    ["that names a process that no longer exists", () => 2 ** 22 - 1],
    ["that names an unrelated running process", () => process.pid],
  ])("ignores a postmaster.pid %s", async (_, pid) => {
    const folder = await makeDataFolder();
    const owner = await folder.startElsewhere();
    await remember(owner.url, "kept");
    const file = join(folder.dataDir, "postmaster.pid");
    process.kill(await folder.postmaster(), "SIGKILL");
    await owner.process.end("SIGKILL");
    const left = await readFile(file, "utf8");
    await writeFile(file, left.replace(/^\d+/, String(pid())));

    const next = await folder.start();
    expect(next.adopted).toBe(false);
    expect(await remembered(next.url)).toEqual(["kept"]);
    await next.stop();
  });

  it("is replaced if it does not respond", async () => {
    const folder = await makeDataFolder();
    const owner = await folder.startElsewhere();
    await remember(owner.url, "kept");
    await owner.process.end("SIGKILL");
    const pid = await folder.postmaster();
    process.kill(pid, "SIGSTOP");

    const next = await folder.start();
    expect(next.adopted).toBe(false);
    expect(await isAlive(pid)).toBe(false);
    expect(await remembered(next.url)).toEqual(["kept"]);
    await next.stop();
  });

  it("is restarted at the same address when it dies while its owner runs", async () => {
    const folder = await makeDataFolder();
    const postgres = await folder.start();
    await remember(postgres.url, "kept");
    const { url } = postgres;
    process.kill(await folder.postmaster(), "SIGKILL");
    await eventually(() => folder.logged.includes("PostgreSQL is running again"), {
      timeoutMs: 20_000,
    });
    expect(postgres.url).toBe(url);
    expect(await remembered(url)).toEqual(["kept"]);
    await postgres.stop();
  });

  it("starts again after a crash while the database was being created", async () => {
    const folder = await makeEmptyFolder();
    const interrupted = folder.startElsewhere().catch((error: unknown) => error);
    const draft = await eventually(
      async () =>
        (await readdir(folder.home)).find((name) => /\.init-\d+-\w+$/.test(name)) ?? false,
      { timeoutMs: 20_000, intervalMs: 1 },
    );
    process.kill(Number(draft.split("-")[1]), "SIGKILL");
    expect(await interrupted).toBeInstanceOf(Error);
    expect(existsSync(join(folder.dataDir, "PG_VERSION"))).toBe(false);

    const next = await folder.start();
    await remember(next.url, "works");
    expect((await readdir(folder.home)).filter((name) => name.includes(".init-"))).toEqual([]);
    await next.stop();
  });

  it("sets a new password after the password file is lost", async () => {
    const folder = await makeDataFolder();
    const owner = await folder.startElsewhere();
    await remember(owner.url, "kept");
    await owner.process.end("SIGKILL");
    await rm(join(folder.home, "postgres.password"));

    const next = await folder.start();
    expect(new URL(next.url).password).not.toBe(new URL(owner.url).password);
    expect(await remembered(next.url)).toEqual(["kept"]);
    await next.stop();
  });

  it("leaves no process running after an aborted start", async () => {
    const folder = await makeDataFolder();
    await (await folder.start()).stop();
    const giveUp = new AbortController();
    const starting = folder.start(giveUp.signal);
    await eventually(() => existsSync(join(folder.dataDir, "postmaster.pid")), { intervalMs: 1 });
    const pid = await folder.postmaster();
    giveUp.abort();
    // The start may or may not finish before the abort; either way, PostgreSQL must stop.
    await starting.then(
      (postgres) => postgres.stop(),
      (error: unknown) => expect(error).toMatchObject({ name: "AbortError" }),
    );
    await eventually(async () => !(await isAlive(pid)));
  });
});

describe("an unusable data folder", () => {
  it.each([
    [
      "holds something else",
      async (dataDir: string) => {
        await mkdir(dataDir);
        await writeFile(join(dataDir, "holiday.jpg"), "");
      },
      "is not a complete PostgreSQL database",
    ],
    [
      "is of another version of PostgreSQL",
      async (dataDir: string) => {
        await mkdir(join(dataDir, "global"), { recursive: true });
        await writeFile(join(dataDir, "PG_VERSION"), "9\n");
      },
      "is from PostgreSQL 9",
    ],
    ["is a file", (dataDir: string) => writeFile(dataDir, ""), "Cannot use the database folder"],
  ])("is rejected in one line with a remedy when it %s", async (_, prepare, cause) => {
    const folder = await makeEmptyFolder();
    await prepare(folder.dataDir);
    const refused = await folder.start().catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(StartupError);
    const { message, remedy } = refused as StartupError;
    expect(message).toContain(cause);
    expect(message).not.toContain("\n");
    expect(remedy).toContain("PARLEY_DATA");
  });

  it("reports PostgreSQL's message if the data is damaged", { timeout: SLOW }, async () => {
    const folder = await makeDataFolder();
    await (await folder.start()).stop();
    await rm(join(folder.dataDir, "global", "pg_control"));
    await expect(folder.start()).rejects.toMatchObject({
      name: "StartupError",
      message: expect.stringContaining("pg_control"),
      remedy: expect.stringContaining("backup"),
    });
  });
});
