import { lstat, mkdir, mkdtemp, readFile, readlink, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { createMissingLinks } from "../../server/infra/database/embedded/binaries.ts";
import { onRelease } from "../kit/resources.ts";
import { makeEmptyFolder, remember, remembered } from "./data-folder.ts";

const isRoot = process.getuid?.() === 0;
const SLOW = 60_000;

describe.skipIf(!isRoot)("started by root (skipped for other users)", { timeout: SLOW }, () => {
  it("runs PostgreSQL as a separate user", async () => {
    const folder = await makeEmptyFolder();
    const postgres = await folder.start();
    const status = await readFile(`/proc/${await folder.postmaster()}/status`, "utf8");
    expect(/^Uid:\s+(\d+)/m.exec(status)?.[1]).not.toBe("0");
    expect((await stat(folder.dataDir)).uid).not.toBe(0);
    await postgres.stop();
  });

  it("stores the data where that user can reach it, logs it once, and finds it again", async () => {
    const folder = await makeEmptyFolder(0o700);
    const first = await folder.start();
    const place = dirname(await readlink(folder.dataDir));
    onRelease(() => rm(place, { recursive: true, force: true }));
    expect(place).toMatch(/^\/var\/lib\/parley\/[0-9a-f]{12}$/);
    expect(folder.logged.filter((line) => line.includes(place))).toHaveLength(1);
    await remember(first.url, "over there");
    await first.stop();

    const second = await folder.start();
    expect(folder.logged.filter((line) => line.includes(place))).toHaveLength(1);
    expect(await remembered(second.url)).toEqual(["over there"]);
    await second.stop();
  });

  it("starts empty and keeps the old data aside after the link was deleted", async () => {
    const folder = await makeEmptyFolder(0o700);
    const first = await folder.start();
    const place = dirname(await readlink(folder.dataDir));
    onRelease(() => rm(place, { recursive: true, force: true }));
    await remember(first.url, "old");
    await first.stop();
    await rm(folder.dataDir);

    const second = await folder.start();
    await expect(remembered(second.url)).rejects.toThrow("does not exist");
    const aside = folder.logged.map((line) => /in (\S+\.\d{14})$/.exec(line)?.[1]).find(Boolean);
    if (aside === undefined)
      throw new Error(`no line names the folder: ${folder.logged.join("; ")}`);
    onRelease(() => rm(aside, { recursive: true, force: true }));
    expect((await stat(join(aside, "postgres", "PG_VERSION"))).isFile()).toBe(true);
    await second.stop();
  });
});

describe("links of the shared libraries", () => {
  it("are created if npm skipped the install scripts", async () => {
    const root = await mkdtemp(join(tmpdir(), "parley-links-"));
    onRelease(() => rm(root, { recursive: true, force: true }));
    await mkdir(join(root, "native", "lib"), { recursive: true });
    await writeFile(join(root, "native", "lib", "libpq.so.5.18"), "");
    const links = ["libpq.so", "libpq.so.5"].map((name) => ({
      source: "native/lib/libpq.so.5.18",
      target: `native/lib/${name}`,
    }));
    await writeFile(join(root, "native", "pg-symlinks.json"), JSON.stringify(links));
    // The second call finds the links.
    await createMissingLinks(root);
    await createMissingLinks(root);
    const made = join(root, "native", "lib", "libpq.so.5");
    expect((await lstat(made)).isSymbolicLink()).toBe(true);
    expect(await readlink(made)).toBe("libpq.so.5.18");
  });
});
