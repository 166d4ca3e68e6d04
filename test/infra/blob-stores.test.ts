import { randomBytes, randomUUID } from "node:crypto";
import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { BlobMissingError, type BlobStore } from "../../server/infra/blobs/blob-store.ts";
import { openBlobStore } from "../../server/infra/blobs/open-store.ts";
import { readConfig } from "../../server/config.ts";
import { StartupError } from "../../server/kernel/startup-error.ts";
import { startS3 } from "../kit/s3.ts";

const STORES: Record<string, () => Promise<BlobStore>> = {
  disk: async () =>
    openBlobStore(readConfig({ FILES_DIR: await mkdtemp(join(inject("scratch"), "blobs-")) })),
  s3: async () => openBlobStore(readConfig((await startS3()).env)),
};

async function allFolders(store: BlobStore): Promise<string[]> {
  const found: string[] = [];
  for await (const page of store.folders()) found.push(...page);
  return [...new Set(found)].sort();
}

describe.each(Object.keys(STORES))("the %s store", (kind) => {
  let store: BlobStore;

  beforeAll(async () => {
    const open = STORES[kind];
    if (open === undefined) throw new Error(kind);
    store = await open();
  });

  test("gives back what it was given, whole and in part", async () => {
    const [folder, name, bytes] = [randomUUID(), randomUUID(), randomBytes(300_000)];
    await store.put(folder, name, bytes);
    const read = async (from: number, to: number): Promise<Buffer> =>
      Buffer.from(await store.read(folder, name, from, to));
    expect((await read(0, bytes.length)).equals(bytes)).toBe(true);
    expect((await read(0, 1)).equals(bytes.subarray(0, 1))).toBe(true);
    expect((await read(1_000, 200_000)).equals(bytes.subarray(1_000, 200_000))).toBe(true);
    // Up to the end, where there is less than was asked for.
    expect((await read(299_000, 400_000)).equals(bytes.subarray(299_000))).toBe(true);
  });

  test("says what is missing", async () => {
    const folder = randomUUID();
    await store.put(folder, randomUUID(), Buffer.from("there"));
    await expect(store.read(folder, randomUUID(), 0, 1)).rejects.toThrow(BlobMissingError);
    await expect(store.read(randomUUID(), randomUUID(), 0, 1)).rejects.toThrow(BlobMissingError);
  });

  test("lists a folder, and removes of it what it is told, again and again", async () => {
    const folder = randomUUID();
    const names = [randomUUID(), randomUUID(), randomUUID()].sort();
    for (const name of names) await store.put(folder, name, Buffer.from(name));
    expect((await store.list(folder)).sort()).toEqual(names);
    const [first = "", ...rest] = names;
    await store.remove(folder, [first]);
    await store.remove(folder, [first]);
    expect((await store.list(folder)).sort()).toEqual(rest);
    expect(await allFolders(store)).toContain(folder);
    await store.remove(folder, rest);
    expect(await store.list(folder)).toEqual([]);
    expect(await allFolders(store)).not.toContain(folder);
    await store.remove(randomUUID(), [randomUUID()]);
  });

  test("finds all folders, and bears a mark that is none of them", async () => {
    const folders = Array.from({ length: 5 }, () => randomUUID());
    for (const folder of folders) {
      for (let n = 0; n < 2; n += 1) await store.put(folder, randomUUID(), Buffer.from("x"));
    }
    expect(await store.readMark()).toBeNull();
    await store.writeMark("ours");
    expect(await store.readMark()).toBe("ours");
    expect(await allFolders(store)).toEqual(expect.arrayContaining(folders));
    expect((await allFolders(store)).every((name) => name.length === 36)).toBe(true);
  });
});

test("S3 without all that it needs stops the start with a line that says so", () => {
  const config = readConfig({ S3_ENDPOINT: "https://s3.example.org", S3_BUCKET: "files" });
  expect(() => openBlobStore(config)).toThrow(StartupError);
});
