import { randomBytes, randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { client, type TestClient } from "../kit/client.ts";
import { createDatabase, type TestDatabase } from "../kit/database.ts";
import type { Room } from "../kit/documents.ts";
import { picture } from "../kit/pictures.ts";
import { seedOn, type Actor, type Seed } from "../kit/seed.ts";
import { startServer, type TestServer } from "../kit/server.ts";
import {
  FILES_OF,
  sendsFiles,
  uploads,
  type Attachment,
  type MessageWithFiles,
} from "../kit/uploads.ts";

const ATTACHMENT_NODE = `query Node($id: ID!) { node(id: $id) { ... on Attachment { name url } } }`;

let database: TestDatabase;
let server: TestServer;
let seed: Seed;
let ada: Actor;
let bob: Actor;
let stranger: Actor;

beforeAll(async () => {
  database = await createDatabase();
  server = await startServer({
    databaseUrl: database.url,
    env: { PUBLIC_ORIGINS: "https://chat.example.org" },
  });
  seed = seedOn(server);
  [ada, bob, stranger] = [seed.user("ada"), seed.user("bob"), seed.user("stranger")];
  for (const person of [ada, bob, stranger]) await person.signsUp();
});

/** Creates a room of Ada's with Bob and a picture. */
async function story(visibility: "PUBLIC" | "PRIVATE" = "PUBLIC") {
  const room = await ada.createsRoom(`Room ${randomUUID()}`, { visibility });
  if (visibility === "PUBLIC") await bob.joins(room);
  const { id } = await uploads(ada, "cat.png", await picture("png"));
  const message = await sendsFiles(ada, room, [id]);
  return { room, message, attachment: fileOf(message) };
}

function fileOf({ attachments: [attachment] }: MessageWithFiles): Attachment {
  if (attachment === undefined) throw new Error("the message has no file");
  return attachment;
}

async function status(who: Actor | TestClient, url: string): Promise<number> {
  const asked = "fetch" in who ? who : await who.client();
  return (await asked.fetch(url)).status;
}

/** The URLs of a file: the original and the thumbnail. */
const urlsOf = ({ url, picture: shown }: Attachment): string[] => [url, shown?.thumbnail.url ?? ""];

describe("access to a file", () => {
  test("needs a session in a public room, and a membership in a private one", async () => {
    const open = await story("PUBLIC");
    const closed = await story("PRIVATE");
    for (const url of urlsOf(open.attachment)) {
      for (const person of [ada, bob, stranger]) expect(await status(person, url)).toBe(200);
      expect(await status(client(server), url)).toBe(401);
      expect(await status(client(server).as("worthless"), url)).toBe(401);
    }
    for (const url of urlsOf(closed.attachment)) {
      expect(await status(ada, url)).toBe(200);
      for (const person of [bob, stranger]) expect(await status(person, url)).toBe(404);
      expect(await status(client(server), url)).toBe(401);
    }
  });

  test("is checked on each request, so a link stops working when access ends", async () => {
    const { room, attachment } = await story("PUBLIC");
    // Makes the room private in the database directly, so that no event reports the change.
    const [, id = ""] = Buffer.from(room.id, "base64").toString().split(":");
    await database.query(`UPDATE "Conversation" SET visibility = 'PRIVATE' WHERE id = $1`, [id]);
    for (const url of urlsOf(attachment)) expect(await status(bob, url)).toBe(200);
    await bob.leaves(room);
    for (const url of urlsOf(attachment)) {
      expect(await status(bob, url)).toBe(404);
      expect(await status(ada, url)).toBe(200);
    }
  });

  test("ends when the message is deleted", async () => {
    const { room, message, attachment } = await story();
    await ada.deletes(message);
    for (const url of urlsOf(attachment)) {
      for (const person of [ada, bob]) expect(await status(person, url)).toBe(404);
    }
    const { nodes } = await bob.query<{ nodes: MessageWithFiles[] }>(FILES_OF, {
      ids: [message.id],
    });
    expect(nodes).toMatchObject([{ body: "", attachments: [] }]);
    expect(JSON.stringify(await database.query(`SELECT * FROM "Message"`))).not.toContain(
      attachment.id,
    );
    expect(room.id).toBeDefined();
  });

  test("is denied as long as the file belongs to no message", async () => {
    const { attachment } = await story();
    const upload = await uploads(ada, "unused.png", await picture("png"));
    const [, id = ""] = Buffer.from(upload.id, "base64").toString().split(":");
    // The link of one file does not work for another.
    const forged = attachment.url.replace(/[0-9a-f-]{36}/, id);
    expect(await status(ada, forged)).toBe(403);
    expect(await ada.query(ATTACHMENT_NODE, { id: upload.id })).toEqual({ node: null });
  });

  test("includes access to a new link by the file's id", async () => {
    const { attachment } = await story("PRIVATE");
    expect(await ada.query(ATTACHMENT_NODE, { id: attachment.id })).toMatchObject({
      node: { name: "cat.png", url: expect.stringContaining("signature=") },
    });
    for (const person of [bob, stranger])
      expect(await person.query(ATTACHMENT_NODE, { id: attachment.id })).toEqual({ node: null });
  });

  test("needs only the cookie, because pictures in a page send nothing else", async () => {
    const { attachment } = await story("PRIVATE");
    const { token } = await ada.signsUp();
    const browser = client(server).withCookie(`parley_session=${token}`);
    expect(await status(browser, attachment.url)).toBe(200);
  });
});

describe("a file link", () => {
  test("is identical for all users and instances", async () => {
    const other = await startServer({ databaseUrl: database.url });
    const { message, attachment } = await story();
    const shown = async (who: Actor): Promise<string> => {
      const answer = await who.query<{ nodes: MessageWithFiles[] }>(FILES_OF, {
        ids: [message.id],
      });
      return fileOf(answer.nodes[0] ?? message).url;
    };
    expect(new Set([attachment.url, await shown(bob), await shown(stranger.via(other))]).size).toBe(
      1,
    );
  });

  test("is invalid after any change, and after its expiry", async () => {
    const hasty = await startServer({
      databaseUrl: database.url,
      env: { FILE_LINK_MINUTES: "0.01" },
    });
    const { message, attachment } = await story();
    const { url } = attachment;
    for (const wrong of [
      url.replace("/original?", "/thumbnail?"),
      url.replace(/expires=\d+/, (expires) => `${expires}0`),
      url.replace(/signature=.{3}/, "signature=abc"),
      url.replace(/[?].*/, ""),
    ]) {
      expect(await status(ada, wrong), wrong).toBe(403);
    }
    for (const wrong of ["/files/x/original", "/files/", url.replace("original", "raw")])
      expect([404, 403]).toContain(await status(ada, wrong));
    const soon = await ada
      .via(hasty)
      .query<{ nodes: MessageWithFiles[] }>(FILES_OF, { ids: [message.id] });
    const short = fileOf(soon.nodes[0] ?? message).url;
    const deadline = Number(new URL(short, server.url).searchParams.get("expires")) * 1_000;
    expect(deadline - Date.now()).toBeLessThanOrEqual(2_200);
    let last = 200;
    while (last === 200) {
      const before = Date.now();
      last = await status(ada, short);
      if (last === 200) expect(before).toBeLessThan(deadline);
    }
    expect(last).toBe(403);
    expect(Date.now()).toBeGreaterThanOrEqual(deadline);
  });
});

describe("a browser", () => {
  let bytes: Buffer;
  let url: string;
  let reader: TestClient;
  let room: Room;

  beforeAll(async () => {
    room = await ada.createsRoom("Ranges");
    bytes = randomBytes(5_000_000);
    const { id } = await uploads(ada, "ranges.bin", bytes);
    url = fileOf(await sendsFiles(ada, room, [id])).url;
    reader = await ada.client();
  });

  test.for<[range: string, from: number, to: number]>([
    ["bytes=0-0", 0, 1],
    ["bytes=0-99", 0, 100],
    ["bytes=2097100-2097200", 2_097_100, 2_097_201],
    ["bytes=1000000-4500000", 1_000_000, 4_500_001],
    ["bytes=4999990-", 4_999_990, 5_000_000],
    ["bytes=4999990-99999999", 4_999_990, 5_000_000],
    ["bytes=-10", 4_999_990, 5_000_000],
    ["bytes=-99999999", 0, 5_000_000],
  ])("receives the requested range: %s", async ([range, from, to]) => {
    const response = await reader.fetch(url, { headers: { range } });
    expect(response.status).toBe(206);
    expect(response.headers.get("content-range")).toBe(`bytes ${from}-${to - 1}/5000000`);
    expect(response.headers.get("content-length")).toBe(String(to - from));
    expect(Buffer.from(await response.arrayBuffer()).equals(bytes.subarray(from, to))).toBe(true);
  });

  test.for(["bytes=0-1,5-6", "bytes=abc", "items=0-1", "bytes=-"])(
    "receives the whole file for an unsupported range: %s",
    async (range) => {
      const response = await reader.fetch(url, { headers: { range } });
      expect(response.status).toBe(200);
      expect((await response.arrayBuffer()).byteLength).toBe(bytes.length);
    },
  );

  test.for(["bytes=5000000-", "bytes=9-2", "bytes=-0"])(
    "receives 416 for an unsatisfiable range: %s",
    async (range) => {
      const response = await reader.fetch(url, { headers: { range } });
      expect([response.status, response.headers.get("content-range")]).toEqual([
        416,
        "bytes */5000000",
      ]);
    },
  );

  test("may cache the file privately, while the link is valid", async () => {
    const first = await reader.fetch(url);
    await first.arrayBuffer();
    const etag = first.headers.get("etag") ?? "";
    expect(first.headers.get("accept-ranges")).toBe("bytes");
    const [, age = ""] =
      /^private, max-age=(\d+), immutable$/.exec(first.headers.get("cache-control") ?? "") ?? [];
    expect(Number(age)).toBeGreaterThan(3_000);
    expect(Number(age)).toBeLessThanOrEqual(7_200);
    const again = await reader.fetch(url, { headers: { "if-none-match": etag } });
    expect([again.status, (await again.arrayBuffer()).byteLength]).toEqual([304, 0]);
    // A conditional request needs access to the file, too.
    const other = await client(server).fetch(url, { headers: { "if-none-match": etag } });
    expect(other.status).toBe(401);
    const changed = await reader.fetch(url, {
      headers: { range: "bytes=0-0", "if-range": '"other"' },
    });
    expect(changed.status).toBe(200);
    const same = await reader.fetch(url, { headers: { range: "bytes=0-0", "if-range": etag } });
    expect(same.status).toBe(206);
  });

  test("may send HEAD, and no method that changes anything", async () => {
    const head = await reader.fetch(url, { method: "HEAD" });
    expect([head.status, head.headers.get("content-length")]).toEqual([200, "5000000"]);
    for (const method of ["POST", "PUT", "PATCH", "DELETE"])
      expect((await reader.fetch(url, { method })).status).toBe(405);
  });

  test("displays the file in allowed pages only", async () => {
    const from = (origin: string) => reader.fetch(url, { method: "HEAD", headers: { origin } });
    const friend = await from("https://chat.example.org");
    expect(friend.status).toBe(200);
    expect(friend.headers.get("access-control-allow-origin")).toBe("https://chat.example.org");
    expect((await from("https://evil.example.org")).status).toBe(403);
  });

  test("may disconnect midway, and the server releases everything", async () => {
    const response = await reader.fetch(url);
    await response.body?.cancel();
    expect(await status(ada, url)).toBe(200);
    expect(server.output).not.toContain("A file request failed");
  });
});
