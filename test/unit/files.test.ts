import { describe, expect, test } from "vitest";
import { safeFileName, withExtension } from "../../server/domain/upload/file-name.ts";
import { makeLinks } from "../../server/domain/upload/links.ts";
import { PartBuffer } from "../../server/domain/upload/part-buffer.ts";
import {
  canDownload,
  isAllowedType,
  canContainMetadata,
} from "../../server/domain/upload/upload.policy.ts";
import { contentDisposition } from "../../server/http/downloads.ts";

describe("names of files", () => {
  test.for<[given: string, kept: string]>([
    ["cat.jpg", "cat.jpg"],
    ["  Größe – 猫.png ", "Größe – 猫.png"],
    ["../../etc/passwd", "passwd"],
    ["..\\..\\windows\\system.ini", "system.ini"],
    ["/", "file"],
    ["", "file"],
    ["...", "file"],
    [".htaccess", "htaccess"],
    ["a\u0000b\u001f.txt", "ab.txt"],
    ["invoice\u202Egpj.exe", "invoicegpj.exe"],
    ["zero\u200Bwidth.txt", "zerowidth.txt"],
    ['a<b>:"|?*.txt', "a_b______.txt"],
    ["two\r\nlines.txt", "twolines.txt"],
    ["many   spaces .txt", "many spaces .txt"],
    ["CON", "_CON"],
    ["nul.txt", "_nul.txt"],
    ["console.txt", "console.txt"],
    ["half\ud800.txt", "half.txt"],
    ["trailing. . ", "trailing"],
  ])("%j is stored as %j", ([given, kept]) => {
    expect(safeFileName(given)).toBe(kept);
  });

  test("long ones keep their extension, within the limit of file systems", () => {
    for (const letter of ["x", "ß", "猫", "👩‍👩‍👧"]) {
      const name = safeFileName(`${letter.repeat(500)}.tar`);
      expect(Buffer.byteLength(name)).toBeLessThanOrEqual(200);
      expect(Buffer.byteLength(name)).toBeGreaterThan(170);
      expect(name).toMatch(/\.tar$/);
      expect(name.replace(".tar", "").replaceAll(letter, "")).toBe("");
    }
  });

  test("match the content of the file", () => {
    expect(withExtension("page.html", "image/png")).toBe("page.html.png");
    expect(withExtension("photo.JPEG", "image/jpeg")).toBe("photo.JPEG");
    expect(withExtension("photo", "image/jpeg")).toBe("photo.jpg");
    expect(withExtension("notes.txt", "text/plain")).toBe("notes.txt");
  });

  test("cannot break out of a header", () => {
    expect(contentDisposition("attachment", "plain.txt")).toBe(
      `attachment; filename="plain.txt"; filename*=UTF-8''plain.txt`,
    );
    expect(contentDisposition("inline", `a"b\\c%é'(猫).png`)).toBe(
      `inline; filename="a_b_c_e'(_).png"; filename*=UTF-8''a%22b%5Cc%25%C3%A9%27%28%E7%8C%AB%29.png`,
    );
  });
});

describe("links to files", () => {
  const id = "0190a0a0-0000-7000-8000-000000000000";
  const hour = 3_600_000;
  const links = makeLinks({ key: Buffer.alloc(32, 1), lifetimeMs: hour });
  const parse = (link: string) => {
    const url = new URL(link, "http://x");
    const [, , parsedId = "", variant = ""] = url.pathname.split("/");
    const expires = Number(url.searchParams.get("expires"));
    const signature = url.searchParams.get("signature") ?? "";
    if (variant !== "original" && variant !== "thumbnail") throw new Error(variant);
    return { id: parsedId, variant, expires, signature } as const;
  };

  test("are stable for a while, and valid for one to two lifetimes", () => {
    const now = 1_000 * hour + 1;
    const link = links.make(id, "original", now);
    expect(links.make(id, "original", now + hour - 2)).toBe(link);
    expect(links.make(id, "original", now + hour)).not.toBe(link);
    expect(links.isValid(parse(link), now + hour)).toBe(true);
    expect(links.isValid(parse(link), now + 2 * hour)).toBe(false);
  });

  test("are valid for their file, variant and time only", () => {
    const now = 5 * hour;
    const link = parse(links.make(id, "thumbnail", now));
    expect(links.isValid(link, now)).toBe(true);
    expect(links.isValid({ ...link, variant: "original" }, now)).toBe(false);
    expect(links.isValid({ ...link, id: id.replace("0190", "0191") }, now)).toBe(false);
    expect(links.isValid({ ...link, expires: link.expires + 1 }, now)).toBe(false);
    expect(links.isValid({ ...link, signature: "" }, now)).toBe(false);
    expect(links.isValid({ ...link, signature: `${link.signature}x` }, now)).toBe(false);
    expect(makeLinks({ key: Buffer.alloc(32, 2), lifetimeMs: hour }).isValid(link, now)).toBe(
      false,
    );
  });
});

describe("policies of files", () => {
  test("a user's picture needs only a session, other files need access to the object that contains them", () => {
    expect(canDownload("USER", false)).toBe(true);
    for (const use of ["MESSAGE", "ROOM"] as const) {
      expect(canDownload(use, false)).toBe(false);
      expect(canDownload(use, true)).toBe(true);
    }
  });

  test("types are allowed individually, by kind, or all", () => {
    expect(isAllowedType("image/png", [])).toBe(true);
    expect(isAllowedType("image/png", ["image/*"])).toBe(true);
    expect(isAllowedType("image/png", ["text/plain", "image/png"])).toBe(true);
    expect(isAllowedType("image/png", ["*/*"])).toBe(true);
    expect(isAllowedType("text/html", ["text/plain", "image/*"])).toBe(false);
  });

  test("pictures that may contain a location and cannot be re-encoded are recognized", () => {
    expect(canContainMetadata("image/heic")).toBe(true);
    expect(canContainMetadata("image/x-canon-cr2")).toBe(true);
    expect(canContainMetadata("image/svg+xml")).toBe(false);
    expect(canContainMetadata("application/pdf")).toBe(false);
  });
});

test("buffered bytes are returned in order, in pieces of any size", () => {
  const buffer = new PartBuffer();
  for (const text of ["ab", "c", "", "defg"]) buffer.push(Buffer.from(text));
  expect(buffer.length).toBe(7);
  expect(buffer.take(3).toString()).toBe("abc");
  buffer.push(Buffer.from("h"));
  expect(buffer.take(100).toString()).toBe("defgh");
  expect(buffer.length).toBe(0);
  expect(buffer.take(1)).toHaveLength(0);
});
