import { describe, expect, it } from "vitest";
import { autolink } from "../../web/src/conversation/autolink.ts";

const links = (body: string): string[] =>
  autolink(body).flatMap((piece) => (piece.is === "link" ? [piece.text] : []));

describe("autolink", () => {
  it("finds addresses between words and keeps every character", () => {
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
  ])("leaves punctuation to the sentence: %s", (body, link) => {
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
  ])("links nothing but web addresses: %s", (body) => {
    expect(links(body)).toEqual([]);
  });

  it("gives the address in its normal form and the text as it was written", () => {
    expect(autolink("HTTPS://Example.ORG/Ä")).toEqual([
      { is: "link", text: "HTTPS://Example.ORG/Ä", href: "https://example.org/%C3%84" },
    ]);
  });
});
