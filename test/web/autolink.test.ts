import { describe, expect, it } from "vitest";
import { autolink } from "../../web/src/conversation/autolink.ts";

const links = (body: string): string[] =>
  autolink(body).flatMap((piece) => (piece.kind === "link" ? [piece.text] : []));

describe("autolink", () => {
  it("finds links between words and keeps every character", () => {
    const body = "see https://example.org/a and\nhttp://b.example, please";
    expect(links(body)).toEqual(["https://example.org/a", "http://b.example"]);
    expect(
      autolink(body)
        .map((piece) => piece.text)
        .join(""),
    ).toBe(body);
  });

  it.each([
    ["(see https://example.org/x)", "https://example.org/x"],
    ["https://en.example/wiki/Frost_(map).", "https://en.example/wiki/Frost_(map)"],
    ["Really? https://example.org/?q=1!", "https://example.org/?q=1"],
    ["<https://example.org>", "https://example.org"],
    ["https://example.org/…", "https://example.org/"],
  ])("leaves sentence punctuation outside the link: %s", (body, link) => {
    expect(links(body)).toEqual([link]);
  });

  it.each([
    "javascript:alert(1)",
    "data:text/html,<b>x</b>",
    "ftp://example.org",
    "https://",
    "http://[",
    "mailto:a@example.org",
    "example.org",
  ])("links only http and https addresses: %s", (body) => {
    expect(links(body)).toEqual([]);
  });

  it("links the normalised address and keeps the text as written", () => {
    expect(autolink("HTTPS://Example.ORG/Ä")).toEqual([
      { kind: "link", text: "HTTPS://Example.ORG/Ä", href: "https://example.org/%C3%84" },
    ]);
  });
});
