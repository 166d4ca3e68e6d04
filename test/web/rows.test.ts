import { describe, expect, it } from "vitest";
import { GROUP_MS, countNews, layOutRows, newestSeq } from "../../web/src/conversation/rows.ts";
import type { Note, ShownMessage } from "../../web/src/conversation/rows.ts";

const NOON = new Date(2026, 2, 7, 12).getTime();
const at = (minutes: number): string => new Date(NOON + minutes * 60_000).toISOString();

function message(seq: number, author: string, createdAt: string, own = false): ShownMessage {
  return {
    key: `m${seq}`,
    seq,
    author: { id: author, username: author, displayName: author },
    body: `message ${seq}`,
    createdAt,
    edited: false,
    deleted: false,
    own,
    state: "stored",
    problem: undefined,
  };
}

function note(kind: Note["kind"], name: string, afterSeq: number, minutes = 0): Note {
  return { key: `${kind}:${name}`, kind, name, afterSeq, at: at(minutes) };
}

/** The list as a reader sees it: "+" begins a group. */
function read(input: Partial<Parameters<typeof layOutRows>[0]>): string[] {
  const rows = layOutRows({ messages: [], notes: [], dividerAfter: undefined, ...input });
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

  it("puts notes below the message they came after, and tells of several together", () => {
    const messages = [message(1, "ada", at(0)), message(2, "ada", at(1))];
    const notes = [
      note("joined", "Bo", 1),
      note("joined", "Cy", 1),
      note("left", "Bo", 1),
      note("joined", "Di", 2),
    ];
    expect(read({ messages, notes })).toEqual([
      "day",
      "+ada",
      "Bo and Cy joined",
      "Bo left",
      "+ada",
      "Di joined",
    ]);
  });

  it("names two people at most", () => {
    const notes = ["Bo", "Cy", "Di", "Ed"].map((name) => note("joined", name, 0));
    expect(read({ notes: notes.slice(0, 3) })).toEqual(["day", "Bo, Cy and Di joined"]);
    expect(read({ notes })).toEqual(["day", "Bo, Cy and 2 others joined"]);
  });

  it("puts notes of a new day below its line", () => {
    const messages = [message(1, "ada", at(0)), message(2, "ada", at(1500))];
    expect(read({ messages, notes: [note("joined", "Bo", 1, 1490)] })).toEqual([
      "day",
      "+ada",
      "day",
      "Bo joined",
      "+ada",
    ]);
  });

  it("keeps what is on its way below everything, with notes before it", () => {
    const pending: ShownMessage = { ...message(0, "me", at(2), true), key: "p", seq: undefined };
    const messages = [message(1, "ada", at(0)), pending];
    expect(read({ messages, notes: [note("joined", "Bo", 1)], dividerAfter: 0 })).toEqual([
      "day",
      "unread",
      "+ada",
      "Bo joined",
      "+me",
    ]);
  });

  it("gives every row a key of its own", () => {
    const messages = [message(1, "ada", at(0)), message(2, "bo", at(1500))];
    const notes = [note("joined", "Bo", 1), note("left", "Bo", 2, 1501)];
    const keys = layOutRows({ messages, notes, dividerAfter: 0 }).map((row) => row.key);
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
  const rows = layOutRows({ messages, notes: [], dividerAfter: undefined });

  it("is what others said after the newest message in view, whatever is loaded above", () => {
    expect(newestSeq(rows)).toBe(4);
    expect(countNews(rows, 4)).toBe(0);
    expect(countNews(rows, 1)).toBe(2);
    expect(newestSeq([])).toBe(0);
  });
});
