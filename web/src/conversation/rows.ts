/** A message as the list shows it: stored on the server, or still on its way there. */
export interface ShownMessage {
  /** Stays the same when a message that is being sent becomes a stored one. */
  key: string;
  /** Undefined until the server has given one. */
  seq: number | undefined;
  author: { id: string; username: string; displayName: string };
  body: string;
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

/** Somebody came or went while the room was on the screen. */
export interface Note {
  key: string;
  kind: "joined" | "left";
  name: string;
  at: string;
  /** The newest message when it happened; the note stands below it. */
  afterSeq: number;
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
  notes: readonly Note[];
  /** The dividing line stands above the first foreign message after this seq; undefined for none. */
  dividerAfter: number | undefined;
}

/**
 * Lays out the list of a conversation: day separators, the line above what is new, groups of one
 * author's messages, and the notes about who came and went.
 *
 * @returns rows with keys that are unique and stable, so that a list can be reconciled by them
 */
export function layOutRows(input: RowsInput): Row[] {
  const rows: Row[] = [];
  let previous: ShownMessage | undefined;
  let divided = input.dividerAfter === undefined;
  let nextNote = 0;
  let day: string | undefined;

  const startDay = (at: string): void => {
    if (dayOf(at) === day) return;
    day = dayOf(at);
    rows.push({ is: "day", key: `day:${day}`, at });
    previous = undefined;
  };
  const takeNotes = (before: number): void => {
    const due: Note[] = [];
    for (let note = input.notes[nextNote]; note; note = input.notes[nextNote]) {
      if (note.afterSeq >= before) break;
      due.push(note);
      nextNote += 1;
    }
    for (const run of runsOf(due)) {
      startDay(run[0].at);
      rows.push(noteRow(run));
      previous = undefined;
    }
  };

  for (const message of input.messages) {
    takeNotes(message.seq ?? Number.POSITIVE_INFINITY);
    startDay(message.createdAt);
    const isNew = message.seq !== undefined && message.seq > (input.dividerAfter ?? 0);
    if (!divided && isNew && !message.own) {
      rows.push({ is: "unread", key: "unread" });
      divided = true;
      previous = undefined;
    }
    rows.push({ is: "message", key: message.key, head: !follows(previous, message), message });
    previous = message;
  }
  takeNotes(Number.POSITIVE_INFINITY);
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

type Run = [Note, ...Note[]];

/** People who joined one after another on one day, and those who left, are told of together. */
function runsOf(notes: readonly Note[]): Run[] {
  const runs: Run[] = [];
  for (const note of notes) {
    const run = runs.at(-1);
    if (run?.[0].kind === note.kind && dayOf(run[0].at) === dayOf(note.at)) run.push(note);
    else runs.push([note]);
  }
  return runs;
}

function noteRow(run: Run): Row {
  const text = `${list(run.map((note) => note.name))} ${run[0].kind}`;
  return { is: "note", key: `note:${run[0].key}`, text };
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
