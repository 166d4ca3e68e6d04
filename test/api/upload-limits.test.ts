import { randomBytes, randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { request, type ClientRequest } from "node:http";
import { beforeAll, describe, expect, test } from "vitest";
import { client } from "../kit/client.ts";
import { createDatabase, type TestDatabase } from "../kit/database.ts";
import type { Room, TypedError } from "../kit/documents.ts";
import { eventually } from "../kit/eventually.ts";
import { seedOn, type Actor, type Seed } from "../kit/seed.ts";
import { startServer, type TestServer } from "../kit/server.ts";
import {
  createsUpload,
  BYTES,
  CREATE_UPLOAD,
  offsetOf,
  sendsBytes,
  sendsFiles,
  streams,
  triesToSend,
  uploads,
} from "../kit/uploads.ts";

const MIB = 1_048_576;
const CANCEL = /* GraphQL */ `
  mutation Cancel($input: CancelUploadInput!) {
    cancelUpload(input: $input) {
      __typename
      ... on Error {
        code
      }
    }
  }
`;

let database: TestDatabase;
let server: TestServer;
let seed: Seed;
let ada: Actor;
let bob: Actor;
let room: Room;

beforeAll(async () => {
  database = await createDatabase();
  server = await startServer({
    databaseUrl: database.url,
    env: { PUBLIC_ORIGINS: "https://chat.example.org" },
  });
  seed = seedOn(server);
  [ada, bob] = [seed.user("ada"), seed.user("bob")];
  room = await ada.createsRoom("Files");
  await bob.joins(room);
});

async function codeOf(response: Response): Promise<string> {
  return ((await response.json()) as { code: string }).code;
}

async function headersOf(who: Actor, offset = 0): Promise<Record<string, string>> {
  const { token } = await who.signsUp();
  const upload = { "content-type": BYTES, "upload-offset": String(offset) };
  return { authorization: `Bearer ${token}`, ...upload };
}

const create = (input: Record<string, unknown>, who: Actor = ada) =>
  who.mutate<TypedError & { maxBytes?: number }>(CREATE_UPLOAD, {
    input: { fileName: "a.bin", size: 1, ...input },
  });

describe("creating an upload", () => {
  test("of too many bytes is rejected immediately, with the limit", async () => {
    expect(await create({ size: 52_428_801 })).toMatchObject({
      __typename: "FileTooLargeError",
      code: "FILE_TOO_LARGE",
      maxBytes: 52_428_800,
    });
    expect(await create({ size: 10_485_761, purpose: "PICTURE" })).toMatchObject({
      code: "FILE_TOO_LARGE",
      maxBytes: 10_485_760,
    });
  });

  test.for<[string, Record<string, unknown>, string, string]>([
    ["a size of zero", { size: 0 }, "size", "INVALID_VALUE"],
    ["a negative size", { size: -1 }, "size", "INVALID_VALUE"],
    ["a name that is too long", { fileName: "x".repeat(1_001) }, "fileName", "TOO_LONG"],
  ])("with %s reports the invalid field", async ([, input, field, code]) => {
    expect(await create(input)).toMatchObject({
      __typename: "InvalidInputError",
      fields: [{ field, code }],
    });
  });

  test("accepts any file name and stores a safe one", async () => {
    expect((await createsUpload(ada, "../../etc/pass\u202Ewd", 1)).fileName).toBe("passwd");
  });

  test("is limited until unused uploads are used or cancelled", async () => {
    const eve = seed.user("eve");
    const begun = [];
    for (let n = 0; n < 50; n += 1) begun.push(await createsUpload(eve, `${n}.bin`, 1));
    expect(await create({}, eve)).toMatchObject({ code: "LIMIT_REACHED" });
    const [first] = begun;
    const input = { uploadId: first?.id };
    expect(await eve.mutate(CANCEL, { input })).toEqual({ __typename: "CancelUploadPayload" });
    expect(await eve.mutate(CANCEL, { input })).toMatchObject({ code: "NOT_FOUND" });
    await createsUpload(eve, "fits.bin", 1);
    expect((await sendsBytes(eve, first ?? { url: "" }, Buffer.from("x"))).status).toBe(410);
  });

  test("has its limits in server.limits", async () => {
    const answer = await ada.query("{ server { limits { attachments fileBytes pictureBytes } } }");
    expect(answer).toEqual({
      server: { limits: { attachments: 10, fileBytes: 52_428_800, pictureBytes: 10_485_760 } },
    });
  });
});

describe("uploading bytes", () => {
  test("needs the session of the user who created the upload", async () => {
    const upload = await createsUpload(ada, "mine.bin", 4);
    const patch = (who: ReturnType<typeof client>) =>
      who.fetch(upload.url, {
        method: "PATCH",
        headers: { "content-type": BYTES, "upload-offset": "0" },
        body: "abcd",
      });
    const anonymous = await patch(client(server));
    expect([anonymous.status, await codeOf(anonymous)]).toEqual([401, "UNAUTHENTICATED"]);
    const forged = await patch(client(server).as("no-such-token"));
    expect(forged.status).toBe(401);
    const stranger = await patch(await bob.client());
    expect([stranger.status, await codeOf(stranger)]).toEqual([404, "NOT_FOUND"]);
    const peek = await (await bob.client()).fetch(upload.url, { method: "HEAD" });
    expect(peek.status).toBe(404);
    expect(await offsetOf(ada, upload)).toBe(0);
  });

  test("with a cookie works only from pages of this server", async () => {
    const { token } = await ada.signsUp();
    const browser = client(server).withCookie(`parley_session=${token}`);
    const patch = (url: string, origin: string) =>
      browser.fetch(url, {
        method: "PATCH",
        headers: { "content-type": BYTES, "upload-offset": "0", origin },
        body: "abcd",
      });
    const upload = await createsUpload(ada, "cookie.bin", 4);
    const foreign = await patch(upload.url, "https://evil.example.org");
    expect([foreign.status, await codeOf(foreign)]).toEqual([403, "FORBIDDEN_ORIGIN"]);
    expect(foreign.headers.get("access-control-allow-origin")).toBeNull();
    expect(await offsetOf(ada, upload)).toBe(0);
    const own = await patch(upload.url, server.url);
    expect(own.status).toBe(204);
    const friend = await createsUpload(ada, "friend.bin", 4);
    const friendly = await patch(friend.url, "https://chat.example.org");
    expect(friendly.status).toBe(204);
    expect(friendly.headers.get("access-control-allow-origin")).toBe("https://chat.example.org");
    expect(friendly.headers.get("access-control-expose-headers")).toContain("upload-offset");
  });

  test("is allowed to permitted pages by the preflight, and to no others", async () => {
    const upload = await createsUpload(ada, "preflight.bin", 4);
    const preflight = (origin: string) =>
      client(server).fetch(upload.url, {
        method: "OPTIONS",
        headers: { origin, "access-control-request-method": "PATCH" },
      });
    const friend = await preflight("https://chat.example.org");
    expect(friend.status).toBe(204);
    expect(friend.headers.get("access-control-allow-methods")).toContain("PATCH");
    expect(friend.headers.get("access-control-allow-headers")).toContain("upload-offset");
    expect((await preflight("https://evil.example.org")).status).toBe(403);
  });

  test("through an HTML form, as a foreign page could, has no effect", async () => {
    const upload = await createsUpload(ada, "form.bin", 4);
    for (const type of ["text/plain", "multipart/form-data; boundary=x", ""]) {
      const response = await sendsBytes(ada, upload, Buffer.from("abcd"), 0, {
        "content-type": type,
      });
      expect(response.status).toBe(415);
    }
    for (const method of ["POST", "PUT", "DELETE", "GET"]) {
      const response = await (await ada.client()).fetch(upload.url, { method });
      expect(response.status).toBe(405);
    }
    expect(await offsetOf(ada, upload)).toBe(0);
  });

  test("at a wrong offset is a conflict, and the response has the right offset", async () => {
    const upload = await createsUpload(ada, "place.bin", 10);
    expect((await sendsBytes(ada, upload, Buffer.from("0123"))).status).toBe(204);
    for (const offset of [0, 3, 5, 10]) {
      const response = await sendsBytes(ada, upload, Buffer.from("4"), offset);
      expect([response.status, response.headers.get("upload-offset")]).toEqual([409, "4"]);
      expect(await codeOf(response)).toBe("UPLOAD_CONFLICT");
    }
    const nowhere = await sendsBytes(ada, upload, Buffer.from("4"), 0, { "upload-offset": "-1" });
    expect(nowhere.status).toBe(400);
    expect((await sendsBytes(ada, upload, Buffer.from("456789"), 4)).status).toBe(204);
    // A repeated completion, as from a client that lost the response.
    expect((await sendsBytes(ada, upload, Buffer.alloc(0), 10)).status).toBe(204);
    expect((await sendsBytes(ada, upload, Buffer.from("x"), 10)).status).toBe(409);
  });

  test("speaks tus 1.0.0 and reports it to clients of other versions", async () => {
    const upload = await createsUpload(ada, "version.bin", 4);
    const old = await (
      await ada.client()
    ).fetch(upload.url, { method: "HEAD", headers: { "tus-resumable": "0.2.2" } });
    expect(old.status).toBe(412);
    expect(old.headers.get("tus-version")).toBe("1.0.0");
    const current = await (await ada.client()).fetch(upload.url, { method: "HEAD" });
    expect(Object.fromEntries(current.headers)).toMatchObject({
      "tus-resumable": "1.0.0",
      "upload-offset": "0",
      "upload-length": "4",
      "cache-control": "no-store",
    });
  });

  test("beyond the declared size is rejected, with or without Content-Length", async () => {
    const withLength = await createsUpload(ada, "with-length.bin", 10);
    const large = await sendsBytes(ada, withLength, Buffer.alloc(11));
    expect([large.status, await codeOf(large)]).toEqual([413, "FILE_TOO_LARGE"]);
    // No byte was stored, so the declared size can still be sent.
    expect(await offsetOf(ada, withLength)).toBe(0);
    expect((await sendsBytes(ada, withLength, Buffer.alloc(10))).status).toBe(204);

    const chunked = await createsUpload(ada, "chunked.bin", MIB);
    const pieces = Array.from({ length: 64 }, () => Buffer.alloc(65_536, 1));
    const reply = await streams(server, chunked.url, await headersOf(ada), pieces.slice(0, 15));
    expect(reply.status).toBe(204);
    expect(reply.headers["upload-offset"]).toBe(String(15 * 65_536));
    const over = await streams(server, chunked.url, await headersOf(ada, 15 * 65_536), pieces);
    expect(over.status).toBe(413);
    expect(JSON.parse(over.body.toString())).toMatchObject({ code: "FILE_TOO_LARGE" });
    expect((await sendsBytes(ada, chunked, Buffer.alloc(1), 15 * 65_536)).status).toBe(410);
  });

  test("short of the declared size leaves the upload incomplete and unusable", async () => {
    const upload = await createsUpload(ada, "less.bin", 10);
    const part = await sendsBytes(ada, upload, Buffer.from("01234"));
    expect([part.status, part.headers.get("upload-offset")]).toEqual([204, "5"]);
    expect(await triesToSend(ada, room, [upload.id])).toMatchObject({ code: "NOT_FOUND" });
  });

  test("after the upload's deadline is rejected, and the ticket is deleted", async () => {
    const hasty = await startServer({
      databaseUrl: database.url,
      env: { UPLOAD_TICKET_MINUTES: "0.02", UPLOAD_SWEEP_SECONDS: "0.2" },
    });
    const late = ada.via(hasty);
    const upload = await createsUpload(late, "late.bin", 10);
    expect((await sendsBytes(late, upload, Buffer.from("0"))).status).toBe(204);
    await eventually(async () => {
      const { status } = await sendsBytes(late, upload, Buffer.from("1"), 1);
      expect([404, 410]).toContain(status);
    });
    await eventually(async () => {
      const sql = `SELECT 1 FROM "Upload" WHERE name = 'late.bin'`;
      expect(await database.query(sql)).toEqual([]);
    });
    expect((await sendsBytes(late, upload, Buffer.from("1"), 1)).status).toBe(404);
  });

  test("in too many parallel requests makes the next one wait", async () => {
    const { token } = await ada.signsUp();
    const hanging: ClientRequest[] = [];
    const hang = (url: string): void => {
      const outgoing = request(new URL(url, server.url), {
        method: "PATCH",
        headers: {
          authorization: `Bearer ${token}`,
          "content-type": BYTES,
          "upload-offset": 0,
          "content-length": 10,
        },
      });
      outgoing.on("error", () => undefined);
      // One of the probes below took its slot.
      outgoing.on("response", ({ statusCode }) => {
        if (statusCode === 503) hang(url);
      });
      outgoing.write("01234");
      hanging.push(outgoing);
    };
    for (let n = 0; n < 6; n += 1) hang((await createsUpload(ada, `hangs ${n}.bin`, 10)).url);
    const seventh = await createsUpload(ada, "seventh.bin", 4);
    await eventually(async () => {
      const response = await sendsBytes(ada, seventh, Buffer.alloc(0));
      expect(response.status).toBe(503);
      expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
    });
    // Other users are not affected.
    const others = await createsUpload(bob, "others.bin", 4);
    expect((await sendsBytes(bob, others, Buffer.from("abcd"))).status).toBe(204);
    for (const outgoing of hanging) outgoing.destroy();
    await eventually(async () =>
      expect((await sendsBytes(ada, seventh, Buffer.from("abcd"))).status).toBe(204),
    );
  });

  test("of a 50 MiB file takes constant memory", async () => {
    const alone = await startServer({ databaseUrl: database.url });
    const person = ada.via(alone);
    const resident = async (): Promise<number> => {
      const status = await readFile(`/proc/${alone.pid}/status`, "utf8");
      return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1_024;
    };
    // A first upload loads all code.
    await uploads(person, "warm.bin", randomBytes(4 * MIB));
    const before = await resident();
    const size = 50 * MIB;
    const piece = randomBytes(65_536);
    let sent = 0;
    let most = 0;
    async function* body(): AsyncGenerator<Uint8Array> {
      for (; sent < size; sent += piece.length) {
        if (sent % (2 * MIB) === 0) most = Math.max(most, await resident());
        yield piece;
      }
    }
    const upload = await createsUpload(person, "large.bin", size);
    const reply = await streams(alone, upload.url, await headersOf(ada), body());
    expect(reply.status).toBe(204);
    expect(reply.headers["upload-offset"]).toBe(String(size));
    // A buffered file would need at least 50 MiB; the exact number depends on garbage collection.
    expect(most - before).toBeLessThan(44 * MIB);
  });

  test("faster than the store can write fills the network's buffers, not the server's memory", async () => {
    const upload = await createsUpload(ada, "fast.bin", 50 * MIB);
    let taken = 0;
    const waiting = request(new URL(upload.url, server.url), {
      method: "PATCH",
      headers: { ...(await headersOf(ada)), "content-length": 50 * MIB },
    });
    waiting.on("error", () => undefined);
    await new Promise<void>((resolve) => waiting.write(Buffer.alloc(1), () => resolve()));
    server.pause();
    try {
      const piece = Buffer.alloc(MIB);
      while (taken < 40 && waiting.write(piece)) taken += 1;
      // The socket buffers are full while the server is blocked; otherwise it would have read the rest.
      expect(waiting.writableNeedDrain).toBe(true);
    } finally {
      server.resume();
      waiting.destroy();
    }
  });
});

describe("sending files", () => {
  test("succeeds once, and only for the uploading user", async () => {
    const upload = await uploads(ada, "once.bin", Buffer.from("once"));
    expect(await triesToSend(bob, room, [upload.id])).toMatchObject({ code: "NOT_FOUND" });
    const message = await sendsFiles(ada, room, [upload.id]);
    expect(message).toMatchObject({ body: "", attachments: [{ id: upload.id }] });
    expect(await triesToSend(ada, room, [upload.id])).toMatchObject({ code: "NOT_FOUND" });
  });

  test("again with the same client id returns the first message", async () => {
    const upload = await uploads(ada, "again.bin", Buffer.from("again"));
    const clientId = randomUUID();
    const first = await sendsFiles(ada, room, [upload.id], { clientId });
    const second = await sendsFiles(ada, room, [upload.id], { clientId });
    expect(second.id).toBe(first.id);
    expect(second.attachments).toMatchObject([{ id: upload.id, name: "again.bin" }]);
  });

  test("in parallel messages succeeds once", async () => {
    const upload = await uploads(ada, "both.bin", Buffer.from("both"));
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => triesToSend(ada, room, [upload.id], { body: "mine" })),
    );
    const kinds = answers.map(({ __typename }) => __typename).sort();
    expect(kinds).toEqual([
      ...Array.from({ length: 7 }, () => "NotFoundError"),
      "SendMessagePayload",
    ]);
  });

  test("fails in a rejected message, and the file stays usable", async () => {
    const upload = await uploads(ada, "refused.bin", Buffer.from("refused"));
    const left = await bob.createsRoom("Bob's own");
    expect(await triesToSend(ada, left, [upload.id])).toMatchObject({ code: "NOT_A_MEMBER" });
    await sendsFiles(ada, room, [upload.id]);
  });

  test.for<[string, (id: string) => string[], string]>([
    ["the same file twice", (id) => [id, id], "INVALID_VALUE"],
    ["eleven files", (id) => Array.from({ length: 11 }, () => id), "TOO_LONG"],
  ])("fails for %s", async ([, make, code]) => {
    const upload = await createsUpload(ada, "many.bin", 1);
    expect(await triesToSend(ada, room, make(upload.id))).toMatchObject({
      __typename: "InvalidInputError",
      fields: [{ field: "attachmentIds", code }],
    });
  });

  test("may be omitted only with a text", async () => {
    expect(await triesToSend(ada, room, [])).toMatchObject({ code: "INVALID_INPUT" });
  });

  test("fails for a missing file, and for one uploaded as a picture", async () => {
    const id = Buffer.from(`Attachment:${randomUUID()}`).toString("base64");
    expect(await triesToSend(ada, room, [id])).toMatchObject({ code: "NOT_FOUND" });
  });
});
