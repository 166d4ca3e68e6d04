import { describe, expect, it } from "vitest";
import { GROUP_MS, countNews, layOutRows, newestSeq } from "../../web/src/conversation/rows.ts";
import type { Note } from "../../web/src/conversation/notes.ts";
import type { ShownMessage } from "../../web/src/conversation/rows.ts";

const NOON = new Date(2026, 2, 7, 12).getTime();
const at = (minutes: number): string => new Date(NOON + minutes * 60_000).toISOString();

function message(seq: number, author: string, createdAt: string, own = false): ShownMessage {
  return {
    key: `m${seq}`,
    seq,
    author: { id: author, username: author, displayName: author },
    body: `message ${seq}`,
    files: [],
    note: undefined,
    createdAt,
    edited: false,
    deleted: false,
    own,
    state: "stored",
    problem: undefined,
  };
}

function noted(seq: number, note: Note, minutes = 0): ShownMessage {
  return { ...message(seq, "sys", at(minutes)), body: "", note };
}

function note(is: "joined" | "left", name: string, seq: number, minutes = 0): ShownMessage {
  return noted(seq, { is, name }, minutes);
}

/** The list as a reader sees it: "+" begins a group. */
function read(input: Partial<Parameters<typeof layOutRows>[0]>): string[] {
  const rows = layOutRows({ messages: [], dividerAfter: undefined, ...input });
  return rows.map((row) => {
    if (row.is === "message") return `${row.head ? "+" : " "}${row.message.author.id}`;
    return row.is === "note" ? row.text : row.is;
  });
}

describe("layOutRows", () => {
  it("groups what one author says within five minutes", () => {
    const messages = [
      message(1, "ada", at(0)),
      message(2, "ada", new Date(NOON + GROUP_MS - 1).toISOString()),
      message(3, "bo", at(6)),
      message(4, "ada", at(7)),
      message(5, "ada", at(12)),
    ];
    expect(read({ messages })).toEqual(["day", "+ada", " ada", "+bo", "+ada", "+ada"]);
  });

  it("begins each day with a line and a new group", () => {
    const messages = [message(1, "ada", at(719)), message(2, "ada", at(721))];
    expect(read({ messages })).toEqual(["day", "+ada", "day", "+ada"]);
  });

  it("draws the line of the unread above the first foreign message after the mark", () => {
    const messages = [
      message(1, "ada", at(0)),
      message(2, "me", at(1), true),
      message(3, "ada", at(2)),
      message(4, "ada", at(3)),
    ];
    expect(read({ messages, dividerAfter: 1 })).toEqual([
      "day",
      "+ada",
      "+me",
      "unread",
      "+ada",
      " ada",
    ]);
    expect(read({ messages, dividerAfter: 0 })).toEqual([
      "day",
      "unread",
      "+ada",
      "+me",
      "+ada",
      " ada",
    ]);
    expect(read({ messages, dividerAfter: 4 })).not.toContain("unread");
    expect(read({ messages })).not.toContain("unread");
  });

  it("tells what happened in lines of their own, and of several who come or go together", () => {
    const messages = [
      message(1, "ada", at(0)),
      note("joined", "Bo", 2),
      note("joined", "Cy", 3),
      note("left", "Bo", 4),
      message(5, "ada", at(1)),
      note("joined", "Di", 6),
      noted(7, { is: "told", text: "Ada set the topic to “Tea”" }),
      noted(8, { is: "told", text: "Ada ended slow mode" }),
    ];
    expect(read({ messages })).toEqual([
      "day",
      "+ada",
      "Bo and Cy joined",
      "Bo left",
      "+ada",
      "Di joined",
      "Ada set the topic to “Tea”",
      "Ada ended slow mode",
    ]);
  });

  it("counts nothing that happened as unread", () => {
    const messages = [message(1, "ada", at(0)), note("joined", "Bo", 2), message(3, "ada", at(1))];
    expect(read({ messages, dividerAfter: 1 })).toEqual([
      "day",
      "+ada",
      "Bo joined",
      "unread",
      "+ada",
    ]);
  });

  it("names two people at most", () => {
    const messages = ["Bo", "Cy", "Di", "Ed"].map((name, index) => note("joined", name, index + 1));
    expect(read({ messages: messages.slice(0, 3) })).toEqual(["day", "Bo, Cy and Di joined"]);
    expect(read({ messages })).toEqual(["day", "Bo, Cy and 2 others joined"]);
  });

  it("puts notes of a new day below its line", () => {
    const messages = [
      note("joined", "Al", 1),
      note("joined", "Bo", 2, 1490),
      message(3, "ada", at(1500)),
    ];
    expect(read({ messages })).toEqual(["day", "Al joined", "day", "Bo joined", "+ada"]);
  });

  it("keeps what is on its way below everything, with notes before it", () => {
    const pending: ShownMessage = { ...message(0, "me", at(2), true), key: "p", seq: undefined };
    const messages = [message(1, "ada", at(0)), note("joined", "Bo", 2), pending];
    expect(read({ messages, dividerAfter: 0 })).toEqual([
      "day",
      "unread",
      "+ada",
      "Bo joined",
      "+me",
    ]);
  });

  it("gives every row a key of its own", () => {
    const messages = [
      message(1, "ada", at(0)),
      note("joined", "Bo", 2),
      message(3, "bo", at(1500)),
      note("left", "Bo", 4, 1501),
    ];
    const keys = layOutRows({ messages, dividerAfter: 0 }).map((row) => row.key);
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe("what is new below the reader", () => {
  const pending: ShownMessage = { ...message(0, "me", at(4), true), key: "p", seq: undefined };
  const messages = [
    message(1, "ada", at(0)),
    message(2, "ada", at(1)),
    message(3, "me", at(2), true),
    message(4, "bo", at(3)),
    pending,
  ];
  const rows = layOutRows({ messages, dividerAfter: undefined });

  it("is what others said after the newest message in view, whatever is loaded above", () => {
    expect(newestSeq(rows)).toBe(4);
    expect(countNews(rows, 4)).toBe(0);
    expect(countNews(rows, 1)).toBe(2);
    expect(newestSeq([])).toBe(0);
  });
});
