import { mkdtemp, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { createDatabase } from "../kit/database.ts";
import type { Room } from "../kit/documents.ts";
import { eventually } from "../kit/eventually.ts";
import {
  animation,
  bomb,
  noise,
  picture,
  SECRET_CAMERA,
  pictureWithMetadata,
} from "../kit/pictures.ts";
import { seedOn, type Actor } from "../kit/seed.ts";
import { startServer, type TestServer } from "../kit/server.ts";
import { createsUpload, sendsBytes, sendsFiles, uploads, type Attachment } from "../kit/uploads.ts";

const SVG = `<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>`;
const HTML = "<!doctype html><html><script>alert(1)</script></html>";

let server: TestServer;
let folder: string;
let ada: Actor;
let room: Room;

beforeAll(async () => {
  folder = await mkdtemp(join(inject("scratch"), "files-"));
  server = await startServer({
    databaseUrl: (await createDatabase()).url,
    env: { FILES_DIR: folder, PICTURE_MAX_BYTES: "3000000" },
  });
  ada = seedOn(server).user("ada");
  room = await ada.createsRoom("Files");
});

async function attach(name: string, bytes: Buffer): Promise<Attachment> {
  const { id } = await uploads(ada, name, bytes);
  const [attachment] = (await sendsFiles(ada, room, [id])).attachments;
  if (attachment === undefined) throw new Error("the message has no file");
  return attachment;
}

async function fetched(url: string): Promise<{ headers: Headers; bytes: Buffer }> {
  const response = await (await ada.client()).fetch(url);
  expect(response.status).toBe(200);
  return { headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) };
}

/** Returns status and code of a rejected file. */
async function refusal(
  name: string,
  bytes: Buffer,
  through: TestServer = server,
  purpose: "MESSAGE" | "PICTURE" = "MESSAGE",
): Promise<[number, string]> {
  const who = ada.via(through);
  const upload = await createsUpload(who, name, bytes.length, purpose);
  const response = await sendsBytes(who, upload, bytes);
  const { code } = (await response.json()) as { code: string };
  // The rejected upload can be neither used nor resumed.
  const again = await sendsBytes(who, upload, bytes);
  expect([404, 410]).toContain(again.status);
  return [response.status, code];
}

async function filesIn(path: string): Promise<string[]> {
  return (await readdir(path, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

describe("pictures", () => {
  test.for(["png", "jpeg", "webp", "gif"] as const)(
    "of %s are stored in their format",
    async (format) => {
      const attachment = await attach(
        `a.${format === "jpeg" ? "jpg" : format}`,
        await picture(format, 900, 600),
      );
      expect(attachment).toMatchObject({
        name: `a.${format === "jpeg" ? "jpg" : format}`,
        mediaType: `image/${format}`,
        picture: {
          width: 900,
          height: 600,
          isAnimated: false,
          thumbnail: { width: 720, height: 480 },
          preview: expect.stringMatching(/^data:image\/webp;base64,/),
        },
      });
      const { headers, bytes } = await fetched(attachment.url);
      expect(headers.get("content-type")).toBe(`image/${format}`);
      expect(headers.get("content-disposition")).toMatch(/^inline;/);
      expect(bytes).toHaveLength(attachment.size);
      expect(await sharp(bytes).metadata()).toMatchObject({ format, width: 900, height: 600 });
      const thumbnail = await fetched(attachment.picture?.thumbnail.url ?? "");
      expect(thumbnail.headers.get("content-type")).toBe("image/webp");
      expect(await sharp(thumbnail.bytes).metadata()).toMatchObject({ format: "webp", width: 720 });
      const [, preview = ""] = attachment.picture?.preview.split(",") ?? [];
      expect(preview.length).toBeLessThan(700);
      expect((await sharp(Buffer.from(preview, "base64")).metadata()).width).toBeLessThanOrEqual(
        20,
      );
    },
  );

  test.for(["avif", "tiff"] as const)(
    "of %s, which some browsers cannot display, become WebP",
    async (format) => {
      const attachment = await attach(`a.${format}`, await picture(format));
      expect(attachment).toMatchObject({ name: `a.${format}.webp`, mediaType: "image/webp" });
      expect(await sharp((await fetched(attachment.url)).bytes).metadata()).toMatchObject({
        format: "webp",
      });
    },
  );

  test("with animation stay animated, and their thumbnail is still", async () => {
    const attachment = await attach("moves.gif", await animation());
    expect(attachment).toMatchObject({
      mediaType: "image/gif",
      picture: { width: 40, height: 30, isAnimated: true },
    });
    const { bytes } = await fetched(attachment.url);
    expect((await sharp(bytes).metadata()).pages).toBe(3);
    const thumbnail = await fetched(attachment.picture?.thumbnail.url ?? "");
    expect((await sharp(thumbnail.bytes).metadata()).pages ?? 1).toBe(1);
  });

  test("lose location and camera data, and are upright", async () => {
    const bytes = await pictureWithMetadata();
    const before = await sharp(bytes).metadata();
    expect(before).toMatchObject({ width: 120, height: 80, orientation: 6 });
    expect(before.exif?.toString("latin1")).toContain(SECRET_CAMERA);
    const attachment = await attach("holiday.jpg", bytes);
    expect(attachment.picture).toMatchObject({
      width: 80,
      height: 120,
      thumbnail: { width: 80, height: 120 },
    });
    const original = await fetched(attachment.url);
    const thumbnail = await fetched(attachment.picture?.thumbnail.url ?? "");
    for (const shown of [original.bytes, thumbnail.bytes]) {
      const { exif, xmp, iptc, icc, orientation } = await sharp(shown).metadata();
      expect({ exif, xmp, iptc, icc, orientation }).toEqual({});
      expect(shown.toString("latin1")).not.toContain(SECRET_CAMERA);
    }
    // The store does not contain the original either: it is deleted after processing.
    await eventually(async () => {
      for (const path of await filesIn(folder))
        expect((await readFile(path)).toString("latin1")).not.toContain(SECRET_CAMERA);
    });
  });

  test("that are corrupt or truncated are rejected", async () => {
    const whole = await noise(400, 400);
    expect(await refusal("half.jpg", whole.subarray(0, whole.length / 2))).toEqual([
      422,
      "PICTURE_INVALID",
    ]);
    const png = await picture("png", 300, 300);
    expect(await refusal("half.png", png.subarray(0, png.length - 100))).toEqual([
      422,
      "PICTURE_INVALID",
    ]);
    const scratched = Buffer.from(png).fill(0xff, 200, 400);
    expect(await refusal("scratched.png", scratched)).toEqual([422, "PICTURE_INVALID"]);
  });

  test("that would decode to gigabytes are rejected quickly, without decoding", async () => {
    const bytes = bomb();
    expect(bytes.length).toBeLessThan(500_000);
    const began = Date.now();
    expect(await refusal("bomb.png", bytes)).toEqual([422, "PICTURE_TOO_LARGE"]);
    expect(Date.now() - began).toBeLessThan(10_000);
    expect(server.isRunning).toBe(true);
    expect(await refusal("avatar.png", bytes, server, "PICTURE")).toEqual([
      422,
      "PICTURE_TOO_LARGE",
    ]);
  });

  test("above the size limit of pictures are rejected before all bytes have arrived", async () => {
    const large = await noise(1_800, 1_500);
    expect(large.length).toBeGreaterThan(3_000_000);
    expect(await refusal("large.jpg", large)).toEqual([413, "FILE_TOO_LARGE"]);
  });

  test("with metadata that cannot be removed are rejected", async () => {
    const heic = Buffer.concat([
      Buffer.from([0, 0, 0, 24]),
      Buffer.from("ftypheic"),
      Buffer.alloc(4),
      Buffer.from("mif1heic"),
      Buffer.alloc(200),
    ]);
    expect(await refusal("IMG_0001.HEIC", heic)).toEqual([415, "FILE_TYPE"]);
  });
});

describe("files that could harm a browser", () => {
  test.for<[name: string, content: string | Buffer, mediaType: string]>([
    ["drawing.svg", SVG, "image/svg+xml"],
    ["drawing.png", SVG, "image/svg+xml"],
    ["page.html", HTML, "text/html"],
    ["page.png", HTML, "text/html"],
    ["page.jpg", "\n\n  <!-- hello --><script>alert(1)</script>", "text/html"],
    ["script.js", "alert(document.cookie)", "text/plain"],
    ["book.pdf", "%PDF-1.7\n%âãÏÓ\n1 0 obj", "application/pdf"],
    ["anything.exe", Buffer.from([0, 1, 2, 3, 255, 254]), "application/octet-stream"],
  ])("%s is download-only", async ([name, content, mediaType]) => {
    const attachment = await attach(name, Buffer.from(content));
    expect(attachment).toMatchObject({ name, mediaType, picture: null });
    const { headers, bytes } = await fetched(attachment.url);
    expect(bytes.equals(Buffer.from(content))).toBe(true);
    expect(Object.fromEntries(headers)).toMatchObject({
      "content-type": "application/octet-stream",
      "content-disposition": `attachment; filename="${name}"; filename*=UTF-8''${name}`,
      "x-content-type-options": "nosniff",
      "content-security-policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
      "cross-origin-resource-policy": "same-origin",
      "referrer-policy": "same-origin",
    });
  });

  test("and are disguised as a picture are rejected", async () => {
    // The first bytes are those of a GIF, but other programs read a script.
    const polyglot = Buffer.from("GIF89a/*\u0001\u0001*/=1;alert(document.domain);//");
    expect(await refusal("cute.gif", polyglot)).toEqual([422, "PICTURE_INVALID"]);
  });

  test("and hide behind a real picture lose the hidden part", async () => {
    const hidden = "<script>alert('hidden')</script>";
    for (const format of ["gif", "png", "jpeg", "webp"] as const) {
      const both = Buffer.concat([await picture(format), Buffer.from(hidden)]);
      const attachment = await attach(`both.${format}`, both);
      expect(attachment.mediaType).toBe(`image/${format}`);
      const { bytes } = await fetched(attachment.url);
      expect(bytes.toString("latin1")).not.toContain("script");
    }
  });

  test("get a download name that is safe to save", async () => {
    const attachment = await attach(
      '../..\\"evil\r\nX-Injected: 1\u202Egpj.exe',
      Buffer.from([0, 1]),
    );
    expect(attachment.name).toBe("_evilX-Injected_ 1gpj.exe");
    const { headers } = await fetched(attachment.url);
    expect(headers.get("x-injected")).toBeNull();
    expect(headers.get("content-disposition")).toMatch(
      /^attachment; filename="_evilX-Injected_ 1gpj.exe"/,
    );
    const inside = (await filesIn(folder)).map((path) => path.slice(folder.length));
    for (const path of inside)
      expect(path).toMatch(/^\/(?:owner|[0-9a-f]{2}\/[0-9a-f-]{36}\/[0-9a-f-]{36})$/);
  });
});

describe("a server that accepts certain types", () => {
  test("detects them from the content before all bytes have arrived", async () => {
    const strict = await startServer({
      databaseUrl: (await createDatabase()).url,
      env: { FILE_TYPES: "image/*, application/pdf" },
    });
    const eve = seedOn(strict).user("eve");
    const status = async (name: string, bytes: Buffer): Promise<number> => {
      const upload = await createsUpload(eve, name, bytes.length);
      return (await sendsBytes(eve, upload, bytes)).status;
    };
    expect(await status("a.png", await picture("png"))).toBe(204);
    expect(await status("a.bin", Buffer.from("%PDF-1.7\n1 0 obj"))).toBe(204);
    expect(await status("a.png", Buffer.from(HTML))).toBe(415);
    expect(await status("a.pdf", Buffer.alloc(6_000_000))).toBe(415);
  });
});
