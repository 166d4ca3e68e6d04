import { noteText, type SystemNote } from "./system-note.ts";

/** A message for display: stored on the server, or unsent. */
export interface MessageView {
  /** Stays the same when the server stores the message. */
  key: string;
  /** Undefined until the server assigns one. */
  seq: number | undefined;
  author: { id: string; username: string; displayName: string };
  body: string;
  files: readonly { id: string; name: string; url: string }[];
  /** The text of a system message; undefined for a user's message. */
  note: SystemNote | undefined;
  createdAt: string;
  edited: boolean;
  /** Whether its text was deleted. The message keeps its place. */
  deleted: boolean;
  own: boolean;
  state: "stored" | "sending" | "waiting" | "failed";
  /** Why sending failed, as a sentence. */
  problem: string | undefined;
}

export type Row =
  | { kind: "day"; key: string; at: string }
  | { kind: "unread"; key: string }
  | { kind: "note"; key: string; text: string }
  | { kind: "message"; key: string; head: boolean; message: MessageView };

/** Messages of one author within this time, in milliseconds, form a group. */
export const GROUP_MS = 5 * 60_000;

export interface RowsInput {
  /** Stored messages by `seq`, then unsent messages in sending order. */
  messages: readonly MessageView[];
  /**
   * The divider precedes the first message of another user after this `seq`; undefined for none.
   */
  dividerAfter: number | undefined;
}

/**
 * Converts messages to rows: day separators, the unread divider, groups of one author's messages,
 * and system notes.
 *
 * @returns rows with unique, stable keys for reconciliation
 */
export function layOutRows(input: RowsInput): Row[] {
  const rows: Row[] = [];
  let previous: MessageView | undefined;
  let divided = input.dividerAfter === undefined;
  let group: NoteGroup | undefined;
  let day: string | undefined;

  const startDay = (at: string): void => {
    if (dayOf(at) === day) return;
    day = dayOf(at);
    rows.push({ kind: "day", key: `day:${day}`, at });
    previous = undefined;
  };
  const endGroup = (): void => {
    if (group) rows.push(noteRow(group));
    group = undefined;
  };

  for (const message of input.messages) {
    const { note } = message;
    if (!note || note.kind !== group?.kind || dayOf(message.createdAt) !== day) endGroup();
    startDay(message.createdAt);
    if (note) {
      previous = undefined;
      if (note.kind === "text")
        rows.push({ kind: "note", key: `note:${message.key}`, text: noteText(note) });
      else if (group) group.names.push(note.name);
      else group = { kind: note.kind, key: message.key, names: [note.name] };
      continue;
    }
    const isNew = message.seq !== undefined && message.seq > (input.dividerAfter ?? 0);
    if (!divided && isNew && !message.own) {
      rows.push({ kind: "unread", key: "unread" });
      divided = true;
      previous = undefined;
    }
    rows.push({
      kind: "message",
      key: message.key,
      head: !continuesGroup(previous, message),
      message,
    });
    previous = message;
  }
  endGroup();
  return rows;
}

/**
 * Counts messages of other users after a `seq`.
 *
 * @param rows the displayed rows
 * @param seq the newest message that the reader has seen
 */
export function countNewMessages(rows: readonly Row[], seq: number): number {
  return rows.filter(
    (row) => row.kind === "message" && !row.message.own && (row.message.seq ?? 0) > seq,
  ).length;
}

/** `seq` of the newest stored message in the rows; 0 if there is none. */
export function newestSeq(rows: readonly Row[]): number {
  for (let index = rows.length - 1; index >= 0; index -= 1) {
    const row = rows[index];
    if (row?.kind === "message" && row.message.seq !== undefined) return row.message.seq;
  }
  return 0;
}

/** Consecutive joins or leaves on one day, shown as one note. */
interface NoteGroup {
  kind: "joined" | "left";
  key: string;
  names: string[];
}

function noteRow({ kind, key, names }: NoteGroup): Row {
  return { kind: "note", key: `note:${key}`, text: `${joinNames(names)} ${kind}` };
}

function joinNames(names: readonly string[]): string {
  const [first = "", second = "", third = ""] = names;
  if (names.length === 1) return first;
  if (names.length === 2) return `${first} and ${second}`;
  if (names.length === 3) return `${first}, ${second} and ${third}`;
  return `${first}, ${second} and ${names.length - 2} others`;
}

function continuesGroup(previous: MessageView | undefined, message: MessageView): boolean {
  if (previous?.author.id !== message.author.id) return false;
  return Date.parse(message.createdAt) - Date.parse(previous.createdAt) < GROUP_MS;
}

/** The local calendar day, such as "2026-3-7". */
function dayOf(at: string): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`;
}
