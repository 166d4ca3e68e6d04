import { createHash, randomBytes } from "node:crypto";
import { mkdtemp } from "node:fs/promises";
import { request, type ClientRequest } from "node:http";
import { join } from "node:path";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { Upload as TusUpload } from "tus-js-client";
import { createDatabase, type TestDatabase } from "../kit/database.ts";
import type { Room } from "../kit/documents.ts";
import { eventually } from "../kit/eventually.ts";
import { startS3 } from "../kit/s3.ts";
import { seedOn, type Actor, type Seed } from "../kit/seed.ts";
import { startServer, type TestServer } from "../kit/server.ts";
import {
  createsUpload,
  BYTES,
  offsetOf,
  sendsBytes,
  sendsFiles,
  uploads,
  type Upload,
} from "../kit/uploads.ts";

const MIB = 1_048_576;
/** Size of one stored blob. */
const PART = 2 * MIB;

const hash = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** Starts to send the rest of an upload, and writes some of it. */
function begins(
  server: TestServer,
  token: string,
  upload: Upload,
  bytes: Uint8Array,
  offset = 0,
): ClientRequest {
  const outgoing = request(new URL(upload.url, server.url), {
    method: "PATCH",
    headers: {
      authorization: `Bearer ${token}`,
      "content-type": BYTES,
      "upload-offset": offset,
      "content-length": upload.size - offset,
    },
  });
  outgoing.on("error", () => undefined);
  outgoing.write(bytes);
  return outgoing;
}

describe.each(["disk", "s3"])("uploads to %s", (kind) => {
  let database: TestDatabase;
  let server: TestServer;
  /** Another instance with the same database and store. */
  let other: TestServer;
  let seed: Seed;
  let ada: Actor;
  let bob: Actor;
  let room: Room;
  let token: string;

  beforeAll(async () => {
    database = await createDatabase();
    const env =
      kind === "s3"
        ? (await startS3()).env
        : { FILES_DIR: await mkdtemp(join(inject("scratch"), "files-")) };
    server = await startServer({ databaseUrl: database.url, env });
    other = await startServer({ databaseUrl: database.url, env });
    seed = seedOn(server);
    [ada, bob] = [seed.user("ada"), seed.user("bob")];
    room = await ada.createsRoom("Files");
    await bob.joins(room);
    ({ token } = await ada.signsUp());
  });

  async function downloads(who: Actor, url: string): Promise<Buffer> {
    const response = await (await who.client()).fetch(url);
    expect(response.status).toBe(200);
    return Buffer.from(await response.arrayBuffer());
  }

  const writers = new Set<string>();
  /** Waits until a new request is being received. */
  async function isReceived(upload: Upload): Promise<void> {
    const [, id = ""] = Buffer.from(upload.id, "base64").toString().split(":");
    await eventually(async () => {
      const sql = `SELECT writer FROM "Upload" WHERE id = $1`;
      const [row] = await database.query<{ writer: string | null }>(sql, [id]);
      expect(row?.writer).toEqual(expect.any(String));
      expect(writers.has(row?.writer ?? "")).toBe(false);
      writers.add(row?.writer ?? "");
    });
  }

  /** Closes the connection gracefully, so that all written bytes arrive first. */
  async function breaksOff(outgoing: ClientRequest, upload: Upload): Promise<void> {
    await isReceived(upload);
    await new Promise<void>((resolve) => outgoing.socket?.end(resolve));
  }

  test("an upload is created, filled, sent in a message and downloaded, byte for byte", async () => {
    const bytes = randomBytes(3 * MIB + 17);
    const upload = await uploads(ada, "three.bin", bytes);
    expect(await offsetOf(ada, upload)).toBe(bytes.length);
    const message = await sendsFiles(ada, room, [upload.id], { body: "three parts" });
    expect(message.attachments).toMatchObject([
      {
        id: upload.id,
        name: "three.bin",
        mediaType: "application/octet-stream",
        size: bytes.length,
        picture: null,
      },
    ]);
    const [attachment] = message.attachments;
    expect(hash(await downloads(bob, attachment?.url ?? ""))).toBe(hash(bytes));
    expect(hash(await downloads(bob.via(other), attachment?.url ?? ""))).toBe(hash(bytes));
  });

  test.for([1, PART - 1, PART, PART + 1, 2 * PART])(
    "a file of %i bytes is complete",
    async (size) => {
      const bytes = randomBytes(size);
      const upload = await uploads(ada, "sized.bin", bytes);
      const { attachments } = await sendsFiles(ada, room, [upload.id]);
      expect(hash(await downloads(bob, attachments[0]?.url ?? ""))).toBe(hash(bytes));
    },
  );

  test("an upload resumes at its offset after a cut connection, on any instance", async () => {
    const bytes = randomBytes(3 * PART + 1_000);
    const upload = await createsUpload(ada, "cut.bin", bytes.length);
    // The first cut is in the middle of the second part, the next one shortly after. A cut may lose the
    // last bytes, but no confirmed ones.
    const more = 500_000;
    const cuts: [TestServer, TestServer][] = [
      [server, other],
      [other, server],
    ];
    let second = 0;
    for (const [through, asked] of cuts) {
      const until = Math.max(PART, second) + more;
      const outgoing = begins(through, token, upload, bytes.subarray(second, until), second);
      await breaksOff(outgoing, upload);
      second = await eventually(async () => {
        const offset = await offsetOf(ada.via(asked), upload);
        expect(offset).toBeGreaterThan(Math.max(PART, second));
        expect(offset).toBeLessThanOrEqual(until);
        return offset;
      });
    }
    const rest = await sendsBytes(ada, upload, bytes.subarray(second), second);
    expect(rest.status).toBe(204);
    expect(rest.headers.get("upload-offset")).toBe(String(bytes.length));
    const { attachments } = await sendsFiles(ada, room, [upload.id]);
    expect(hash(await downloads(bob, attachments[0]?.url ?? ""))).toBe(hash(bytes));
  });

  test("a new request takes over from a hanging one, whose later bytes do not count", async () => {
    const bytes = randomBytes(PART + 100);
    const upload = await createsUpload(ada, "taken over.bin", bytes.length);
    const hanging = begins(server, token, upload, Buffer.alloc(1_000, 7));
    await isReceived(upload);
    expect((await sendsBytes(ada.via(other), upload, bytes)).status).toBe(204);
    const answer = new Promise((resolve) => hanging.once("close", resolve));
    hanging.end(Buffer.alloc(bytes.length - 1_000, 7));
    await answer;
    const { attachments } = await sendsFiles(ada, room, [upload.id]);
    expect(hash(await downloads(bob, attachments[0]?.url ?? ""))).toBe(hash(bytes));
  });

  test("a client of the tus protocol can upload", async () => {
    const bytes = randomBytes(2 * PART + 5);
    const upload = await createsUpload(ada, "tus.bin", bytes.length);
    await new Promise<void>((resolve, reject) => {
      new TusUpload(bytes, {
        uploadUrl: new URL(upload.url, server.url).href,
        headers: { authorization: `Bearer ${token}` },
        chunkSize: MIB,
        retryDelays: null,
        onSuccess: () => resolve(),
        onError: reject,
      }).start();
    });
    const { attachments } = await sendsFiles(ada, room, [upload.id]);
    expect(hash(await downloads(bob, attachments[0]?.url ?? ""))).toBe(hash(bytes));
  });

  test("an instance killed midway loses only unconfirmed bytes", async () => {
    const bytes = randomBytes(3 * PART);
    const upload = await createsUpload(ada, "killed.bin", bytes.length);
    begins(server, token, upload, bytes.subarray(0, 2 * PART + 10));
    const confirmed = await eventually(async () => {
      const offset = await offsetOf(ada.via(other), upload);
      expect(offset).toBe(2 * PART);
      return offset;
    });
    await server.kill();
    expect(await offsetOf(ada.via(other), upload)).toBe(confirmed);
    await server.restart();
    expect((await sendsBytes(ada, upload, bytes.subarray(confirmed), confirmed)).status).toBe(204);
    const { attachments } = await sendsFiles(ada, room, [upload.id]);
    expect(hash(await downloads(bob, attachments[0]?.url ?? ""))).toBe(hash(bytes));
  });
});
