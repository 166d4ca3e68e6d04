/** A message as the list shows it: stored on the server, or still on its way there. */
export interface ShownMessage {
  /** Stays the same when a message that is being sent becomes a stored one. */
  key: string;
  /** Undefined until the server has given one. */
  seq: number | undefined;
  author: { id: string; username: string; displayName: string };
  body: string;
  createdAt: string;
  own: boolean;
  state: "stored" | "sending" | "failed";
  /** Why it failed, as a sentence. */
  problem: string | undefined;
}

/** Somebody came or went while the room was on the screen. */
export interface Note {
  key: string;
  kind: "joined" | "left";
  name: string;
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

  const takeNotes = (before: number): void => {
    const due: Note[] = [];
    for (let note = input.notes[nextNote]; note; note = input.notes[nextNote]) {
      if (note.afterSeq >= before) break;
      due.push(note);
      nextNote += 1;
    }
    if (due.length === 0) return;
    rows.push(...noteRows(due));
    previous = undefined;
  };

  for (const message of input.messages) {
    takeNotes(message.seq ?? Number.POSITIVE_INFINITY);
    if (dayOf(message) !== lastDay(rows)) {
      rows.push({ is: "day", key: `day:${dayOf(message)}`, at: message.createdAt });
      previous = undefined;
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
  takeNotes(Number.POSITIVE_INFINITY);
  return rows;
}

/** One sentence for people who joined one after another, and one for those who left. */
function noteRows(notes: readonly Note[]): Row[] {
  const runs: Note[][] = [];
  for (const note of notes) {
    const run = runs.at(-1);
    if (run?.[0]?.kind === note.kind) run.push(note);
    else runs.push([note]);
  }
  return runs.map((run) => {
    const first = run[0];
    const verb = first?.kind === "left" ? "left" : "joined";
    const names = run.map((note) => note.name);
    return { is: "note", key: `note:${first?.key ?? ""}`, text: `${list(names)} ${verb}` };
  });
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
function dayOf(message: ShownMessage): string {
  const date = new Date(message.createdAt);
  return `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`;
}

function lastDay(rows: readonly Row[]): string | undefined {
  for (let index = rows.length - 1; index >= 0; index -= 1) {
    const row = rows[index];
    if (row?.is === "message") return dayOf(row.message);
  }
  return undefined;
}
