import { randomBytes, randomUUID } from "node:crypto";
import { mkdtemp } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { BlobMissingError, type BlobStore } from "../../server/infra/blobs/blob-store.ts";
import { openBlobStore } from "../../server/infra/blobs/open-store.ts";
import { readConfig } from "../../server/config.ts";
import { StartupError } from "../../server/kernel/startup-error.ts";
import { onRelease } from "../kit/resources.ts";
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

  test("returns stored bytes, whole and in part", async () => {
    const [folder, name, bytes] = [randomUUID(), randomUUID(), randomBytes(300_000)];
    await store.put(folder, name, bytes);
    const read = async (from: number, to: number): Promise<Buffer> =>
      Buffer.from(await store.read(folder, name, from, to));
    expect((await read(0, bytes.length)).equals(bytes)).toBe(true);
    expect((await read(0, 1)).equals(bytes.subarray(0, 1))).toBe(true);
    expect((await read(1_000, 200_000)).equals(bytes.subarray(1_000, 200_000))).toBe(true);
    // A read returns the remaining bytes if they are fewer than requested.
    expect((await read(299_000, 400_000)).equals(bytes.subarray(299_000))).toBe(true);
  });

  test("reports a missing blob", async () => {
    const folder = randomUUID();
    await store.put(folder, randomUUID(), Buffer.from("there"));
    await expect(store.read(folder, randomUUID(), 0, 1)).rejects.toThrow(BlobMissingError);
    await expect(store.read(randomUUID(), randomUUID(), 0, 1)).rejects.toThrow(BlobMissingError);
  });

  test("lists a folder, and removes blobs from it repeatedly", async () => {
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

  test("lists all folders, but not the mark of its deployment", async () => {
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

test("incomplete S3 settings stop the start with one clear line", () => {
  const config = readConfig({ S3_ENDPOINT: "https://s3.example.org", S3_BUCKET: "files" });
  expect(() => openBlobStore(config)).toThrow(StartupError);
});

test("redirects of S3 are not followed", async () => {
  let visits = 0;
  const elsewhere = await listening((_request, response) => {
    visits += 1;
    response.end("stolen");
  });
  const service = await listening((_request, response) => {
    response.writeHead(307, { location: elsewhere }).end();
  });
  const keys = { S3_ACCESS_KEY_ID: "id", S3_SECRET_ACCESS_KEY: "secret" };
  const settings = { S3_ENDPOINT: service, S3_BUCKET: "files", S3_REGION: "here", ...keys };
  const store = openBlobStore(readConfig(settings));
  await expect(store.put(randomUUID(), "0", randomBytes(10))).rejects.toThrow("HTTP 307");
  await expect(store.readMark()).rejects.toThrow("HTTP 307");
  expect(visits).toBe(0);
});

async function listening(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onRelease(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
