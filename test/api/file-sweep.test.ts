import { randomBytes, randomUUID } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { createDatabase, type TestDatabase } from "../kit/database.ts";
import type { Room } from "../kit/documents.ts";
import { eventually } from "../kit/eventually.ts";
import { picture } from "../kit/pictures.ts";
import { seedOn, type Actor } from "../kit/seed.ts";
import { startServer, type TestServer } from "../kit/server.ts";
import { createsUpload, sendsBytes, sendsFiles, uploads, type Upload } from "../kit/uploads.ts";

let database: TestDatabase;
let folder: string;
let server: TestServer;
/** Another instance that sweeps the same store. */
let other: TestServer;
let ada: Actor;
let room: Room;

beforeAll(async () => {
  database = await createDatabase();
  folder = await mkdtemp(join(inject("scratch"), "files-"));
  const env = { FILES_DIR: folder, UPLOAD_SWEEP_SECONDS: "0.2" };
  server = await startServer({ databaseUrl: database.url, env });
  other = await startServer({ databaseUrl: database.url, env });
  ada = seedOn(server).user("ada");
  room = await ada.createsRoom("Files");
});

const uuidOf = ({ id }: { id: string }): string =>
  Buffer.from(id, "base64").toString().split(":")[1] ?? "";

/** Counts the blobs of an upload. */
async function blobsOf(upload: { id: string }): Promise<number> {
  const id = uuidOf(upload);
  try {
    return (await readdir(join(folder, id.slice(-2), id))).length;
  } catch {
    return 0;
  }
}

const rowsOf = (upload: { id: string }): Promise<{ state: string; sweepAt: Date | null }[]> =>
  database.query(`SELECT state, "sweepAt" FROM "Upload" WHERE id = $1`, [uuidOf(upload)]);

async function isGone(upload: Upload): Promise<void> {
  await eventually(async () => {
    expect({ blobs: await blobsOf(upload), rows: await rowsOf(upload) }).toEqual({
      blobs: 0,
      rows: [],
    });
  });
}

/** Makes an upload due for the sweep. */
const isDue = (upload: Upload): Promise<unknown[]> =>
  database.query(`UPDATE "Upload" SET "sweepAt" = now() WHERE id = $1`, [uuidOf(upload)]);

describe("unused files are removed", () => {
  test("if their upload was never completed", async () => {
    const upload = await createsUpload(ada, "half.bin", 3_000_000);
    await sendsBytes(ada, upload, randomBytes(2_500_000));
    expect(await blobsOf(upload)).toBe(2);
    await isDue(upload);
    await isGone(upload);
  });

  test("if no message uses them; used files stay", async () => {
    const unused = await uploads(ada, "unused.png", await picture("png"));
    const used = await uploads(ada, "used.png", await picture("png"));
    const message = await sendsFiles(ada, room, [used.id]);
    for (const upload of [unused, used]) await isDue(upload);
    await isGone(unused);
    await eventually(async () =>
      expect(await rowsOf(used)).toEqual([{ state: "USED", sweepAt: null }]),
    );
    // The picture and its thumbnail.
    expect(await blobsOf(used)).toBe(2);
    const url = message.attachments[0]?.url ?? "";
    expect((await (await ada.client()).fetch(url)).status).toBe(200);
  });

  test("soon after their message is deleted", async () => {
    const [one, two] = [
      await uploads(ada, "one.png", await picture("png")),
      await uploads(ada, "two.bin", randomBytes(2_100_000)),
    ];
    const message = await sendsFiles(ada, room, [one.id, two.id]);
    await ada.deletes(message);
    await isGone(one);
    await isGone(two);
  });

  test("when their conversation is deleted", async () => {
    const doomed = await ada.createsRoom("Doomed");
    const upload = await uploads(ada, "doomed.bin", Buffer.from("doomed"));
    await sendsFiles(ada, doomed, [upload.id]);
    await database.query(`DELETE FROM "Conversation" WHERE id = $1`, [uuidOf(doomed)]);
    await isGone(upload);
  });

  test("by several instances in parallel, each file by one of them", async () => {
    const all = [];
    for (let n = 0; n < 30; n += 1) all.push(await uploads(ada, `${n}.bin`, Buffer.from("x")));
    await database.query(`UPDATE "Upload" SET "sweepAt" = now() WHERE state = 'READY'`);
    for (const upload of all) await isGone(upload);
    for (const { output } of [server, other]) expect(output).not.toContain("could not be removed");
  });
});

describe("after a crash", () => {
  test("between marking a file and removing it, another instance removes it", async () => {
    const upload = await uploads(ada, "marked.bin", Buffer.from("marked"));
    // The state after a sweep crashed at its start and its claim expired.
    await database.query(`UPDATE "Upload" SET state = 'REMOVED', "sweepAt" = now() WHERE id = $1`, [
      uuidOf(upload),
    ]);
    await isGone(upload);
  });

  test("between removing the bytes and deleting the row, the row is deleted", async () => {
    const upload = await createsUpload(ada, "no bytes.bin", 10);
    expect(await blobsOf(upload)).toBe(0);
    await isDue(upload);
    await isGone(upload);
  });

  test("between storing bytes and recording them, the bytes are removed and the rest stays", async () => {
    const upload = await uploads(ada, "tidy.png", await picture("png"));
    const message = await sendsFiles(ada, room, [upload.id]);
    const id = uuidOf(upload);
    await writeFile(join(folder, id.slice(-2), id, randomUUID()), "bytes that no row knows");
    expect(await blobsOf(upload)).toBe(3);
    await isDue(upload);
    await eventually(async () => expect(await blobsOf(upload)).toBe(2));
    const url = message.attachments[0]?.url ?? "";
    expect((await (await ada.client()).fetch(url)).status).toBe(200);
  });

  test("bytes without any row are removed when they are a day old", async () => {
    const stray = async (id: string): Promise<string> => {
      const path = join(folder, id.slice(-2), id);
      await mkdir(path, { recursive: true });
      await writeFile(join(path, randomUUID()), "stray");
      return path;
    };
    // The first 48 bits of an id are its creation time in milliseconds.
    const idAt = (at: number): string => {
      const hex = at.toString(16).padStart(12, "0");
      return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-${randomBytes(6).toString("hex")}`;
    };
    const [old, young] = [
      await stray(idAt(Date.now() - 2 * 86_400_000)),
      await stray(idAt(Date.now() - 3_600_000)),
    ];
    await eventually(async () =>
      expect(await readFile(join(folder, "owner"), "utf8")).toMatch(/^[0-9a-f]{64}$/),
    );
    // The sweep looks for stray bytes at the start, and periodically.
    await other.restart();
    await eventually(async () => await expect(readdir(old)).rejects.toThrow("ENOENT"));
    expect(await readdir(young)).toHaveLength(1);

    // A store with another deployment's mark is not touched.
    const again = await stray(idAt(Date.now() - 2 * 86_400_000));
    await writeFile(join(folder, "owner"), "somebody else");
    await other.restart();
    await eventually(() => expect(other.output).toContain("belongs to another deployment"));
    expect(await readdir(again)).toHaveLength(1);
  });
});
