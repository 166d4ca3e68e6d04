import { describe, expect, it } from "vitest";
import {
  GROUP_MS,
  countNewMessages,
  layOutRows,
  newestSeq,
} from "../../web/src/conversation/rows.ts";
import type { SystemNote } from "../../web/src/conversation/system-note.ts";
import type { MessageView } from "../../web/src/conversation/rows.ts";

const NOON = new Date(2026, 2, 7, 12).getTime();
const at = (minutes: number): string => new Date(NOON + minutes * 60_000).toISOString();

function message(seq: number, author: string, createdAt: string, own = false): MessageView {
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

function noted(seq: number, note: SystemNote, minutes = 0): MessageView {
  return { ...message(seq, "sys", at(minutes)), body: "", note };
}

function note(kind: "joined" | "left", name: string, seq: number, minutes = 0): MessageView {
  return noted(seq, { kind, name }, minutes);
}

/** The rows as short strings; "+" marks the start of a group. */
function read(input: Partial<Parameters<typeof layOutRows>[0]>): string[] {
  const rows = layOutRows({ messages: [], dividerAfter: undefined, ...input });
  return rows.map((row) => {
    if (row.kind === "message") return `${row.head ? "+" : " "}${row.message.author.id}`;
    return row.kind === "note" ? row.text : row.kind;
  });
}

describe("layOutRows", () => {
  it("groups one author's messages within five minutes", () => {
    const messages = [
      message(1, "ada", at(0)),
      message(2, "ada", new Date(NOON + GROUP_MS - 1).toISOString()),
      message(3, "bo", at(6)),
      message(4, "ada", at(7)),
      message(5, "ada", at(12)),
    ];
    expect(read({ messages })).toEqual(["day", "+ada", " ada", "+bo", "+ada", "+ada"]);
  });

  it("starts each day with a separator and a new group", () => {
    const messages = [message(1, "ada", at(719)), message(2, "ada", at(721))];
    expect(read({ messages })).toEqual(["day", "+ada", "day", "+ada"]);
  });

  it("puts the unread divider before the first unread message of another user", () => {
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

  it("shows system messages as notes and combines consecutive joins or leaves", () => {
    const messages = [
      message(1, "ada", at(0)),
      note("joined", "Bo", 2),
      note("joined", "Cy", 3),
      note("left", "Bo", 4),
      message(5, "ada", at(1)),
      note("joined", "Di", 6),
      noted(7, { kind: "text", text: "Ada set the topic to “Tea”" }),
      noted(8, { kind: "text", text: "Ada turned off slow mode" }),
    ];
    expect(read({ messages })).toEqual([
      "day",
      "+ada",
      "Bo and Cy joined",
      "Bo left",
      "+ada",
      "Di joined",
      "Ada set the topic to “Tea”",
      "Ada turned off slow mode",
    ]);
  });

  it("does not count system messages as unread", () => {
    const messages = [message(1, "ada", at(0)), note("joined", "Bo", 2), message(3, "ada", at(1))];
    expect(read({ messages, dividerAfter: 1 })).toEqual([
      "day",
      "+ada",
      "Bo joined",
      "unread",
      "+ada",
    ]);
  });

  it("combined notes name at most three users", () => {
    const messages = ["Bo", "Cy", "Di", "Ed"].map((name, index) => note("joined", name, index + 1));
    expect(read({ messages: messages.slice(0, 3) })).toEqual(["day", "Bo, Cy and Di joined"]);
    expect(read({ messages })).toEqual(["day", "Bo, Cy and 2 others joined"]);
  });

  it("puts the notes of a new day below its separator", () => {
    const messages = [
      note("joined", "Al", 1),
      note("joined", "Bo", 2, 1490),
      message(3, "ada", at(1500)),
    ];
    expect(read({ messages })).toEqual(["day", "Al joined", "day", "Bo joined", "+ada"]);
  });

  it("puts unsent messages last, after all notes", () => {
    const pending: MessageView = { ...message(0, "me", at(2), true), key: "p", seq: undefined };
    const messages = [message(1, "ada", at(0)), note("joined", "Bo", 2), pending];
    expect(read({ messages, dividerAfter: 0 })).toEqual([
      "day",
      "unread",
      "+ada",
      "Bo joined",
      "+me",
    ]);
  });

  it("gives every row a unique key", () => {
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

describe("new messages below the reader", () => {
  const pending: MessageView = { ...message(0, "me", at(4), true), key: "p", seq: undefined };
  const messages = [
    message(1, "ada", at(0)),
    message(2, "ada", at(1)),
    message(3, "me", at(2), true),
    message(4, "bo", at(3)),
    pending,
  ];
  const rows = layOutRows({ messages, dividerAfter: undefined });

  it("counts other users' messages after the newest message in view", () => {
    expect(newestSeq(rows)).toBe(4);
    expect(countNewMessages(rows, 4)).toBe(0);
    expect(countNewMessages(rows, 1)).toBe(2);
    expect(newestSeq([])).toBe(0);
  });
});
