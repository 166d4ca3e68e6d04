import { noteText, type Note } from "./notes.ts";

/** A message as the list shows it: stored on the server, or still on its way there. */
export interface ShownMessage {
  /** Stays the same when a message that is being sent becomes a stored one. */
  key: string;
  /** Undefined until the server has given one. */
  seq: number | undefined;
  author: { id: string; username: string; displayName: string };
  body: string;
  /** Its files: under what name, and where they are. */
  files: readonly { id: string; name: string; url: string }[];
  /** What it tells in place of something that somebody said. */
  note: Note | undefined;
  createdAt: string;
  /** Its text was changed after it was sent. */
  edited: boolean;
  /** Its text is gone; its place stays. */
  deleted: boolean;
  own: boolean;
  state: "stored" | "sending" | "waiting" | "failed";
  /** Why it failed, as a sentence. */
  problem: string | undefined;
}

export type Row =
  | { is: "day"; key: string; at: string }
  | { is: "unread"; key: string }
  | { is: "note"; key: string; text: string }
  | { is: "message"; key: string; head: boolean; message: ShownMessage };

/** Messages of one author this close together, in milliseconds, share one head. */
export const GROUP_MS = 5 * 60_000;

export interface RowsInput {
  /** Stored ones in the order of their seq, then those on their way in the order of sending. */
  messages: readonly ShownMessage[];
  /** The dividing line stands above the first foreign message after this seq; undefined for none. */
  dividerAfter: number | undefined;
}

/**
 * Lays out the list of a conversation: day separators, the line above what is new, groups of one
 * author's messages, and notes about what happened.
 *
 * @returns rows with keys that are unique and stable, so that a list can be reconciled by them
 */
export function layOutRows(input: RowsInput): Row[] {
  const rows: Row[] = [];
  let previous: ShownMessage | undefined;
  let divided = input.dividerAfter === undefined;
  let run: Run | undefined;
  let day: string | undefined;

  const startDay = (at: string): void => {
    if (dayOf(at) === day) return;
    day = dayOf(at);
    rows.push({ is: "day", key: `day:${day}`, at });
    previous = undefined;
  };
  const endRun = (): void => {
    if (run) rows.push(noteRow(run));
    run = undefined;
  };

  for (const message of input.messages) {
    const { note } = message;
    if (!note || note.is !== run?.is || dayOf(message.createdAt) !== day) endRun();
    startDay(message.createdAt);
    if (note) {
      previous = undefined;
      if (note.is === "told")
        rows.push({ is: "note", key: `note:${message.key}`, text: noteText(note) });
      else if (run) run.names.push(note.name);
      else run = { is: note.is, key: message.key, names: [note.name] };
      continue;
    }
    const isNew = message.seq !== undefined && message.seq > (input.dividerAfter ?? 0);
    if (!divided && isNew && !message.own) {
      rows.push({ is: "unread", key: "unread" });
      divided = true;
      previous = undefined;
    }
    rows.push({ is: "message", key: message.key, head: !follows(previous, message), message });
    previous = message;
  }
  endRun();
  return rows;
}

/**
 * How many foreign messages stand below a place in the conversation.
 *
 * @param rows as they are shown
 * @param seq the newest message that the reader has had in view
 */
export function countNews(rows: readonly Row[], seq: number): number {
  return rows.filter(
    (row) => row.is === "message" && !row.message.own && (row.message.seq ?? 0) > seq,
  ).length;
}

/** `seq` of the newest stored message in the rows; 0 without one. */
export function newestSeq(rows: readonly Row[]): number {
  for (let index = rows.length - 1; index >= 0; index -= 1) {
    const row = rows[index];
    if (row?.is === "message" && row.message.seq !== undefined) return row.message.seq;
  }
  return 0;
}

/** People who joined one after another on one day, or left, and are told of together. */
interface Run {
  is: "joined" | "left";
  key: string;
  names: string[];
}

function noteRow({ is, key, names }: Run): Row {
  return { is: "note", key: `note:${key}`, text: `${list(names)} ${is}` };
}

function list(names: readonly string[]): string {
  const [first = "", second = "", third = ""] = names;
  if (names.length === 1) return first;
  if (names.length === 2) return `${first} and ${second}`;
  if (names.length === 3) return `${first}, ${second} and ${third}`;
  return `${first}, ${second} and ${names.length - 2} others`;
}

function follows(previous: ShownMessage | undefined, message: ShownMessage): boolean {
  if (previous?.author.id !== message.author.id) return false;
  return Date.parse(message.createdAt) - Date.parse(previous.createdAt) < GROUP_MS;
}

/** The calendar day where the reader is, as "2026-3-7". */
function dayOf(at: string): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`;
}
