/**
 * The viewer's read mark in a conversation, as `viewerMark`, `ownMarks` and `markRead` return it.
 */
export interface OwnMark {
  readonly lastReadSeq: number;
  /** Number of counted messages up to `lastReadSeq`. */
  readonly readCount: number;
  readonly unreadMentionCount: number;
  /** Increases with every move of the mark, except moves by sending. */
  readonly revision: number;
  /** The conversation's `lastSeq` and `countedMessages` when the mark was read. */
  readonly lastSeq: number;
  readonly countedMessages: number;
}

interface Deletion {
  readonly seq: number;
  readonly version: number;
}

/**
 * The viewer's read state in a conversation. Events update the conversation's counters, marks update the
 * viewer's. Both arrive in any order, so each carries the counters that show how recent it is.
 */
export interface ReadState {
  readonly lastSeq: number;
  readonly countedMessages: number;
  readonly mark: OwnMark;
  /** `seq` of the viewer's newest message. Older marks do not reflect that it moved the mark. */
  readonly sentSeq: number;
  /** The latest deletions, which marks from before them do not reflect. */
  readonly deletions: readonly Deletion[];
}

const DELETIONS_KEPT = 100;

/** Orders states of a conversation. It increases with every message and every deletion. */
function versionOf(numbers: {
  readonly lastSeq: number;
  readonly countedMessages: number;
}): number {
  return 2 * numbers.lastSeq - numbers.countedMessages;
}

export function startReadState(
  numbers: { readonly lastSeq: number; readonly countedMessages: number },
  mark: OwnMark,
): ReadState {
  const { lastSeq, countedMessages } = numbers;
  return { lastSeq, countedMessages, mark, sentSeq: 0, deletions: [] };
}

export function countUnread({ countedMessages, mark, deletions }: ReadState): number {
  return Math.max(0, countedMessages - readCountOf(mark, deletions));
}

/** The read mark, updated with later events. */
export function currentMark({ lastSeq, countedMessages, mark, deletions }: ReadState): OwnMark {
  return { ...mark, readCount: readCountOf(mark, deletions), lastSeq, countedMessages };
}

function readCountOf(mark: OwnMark, deletions: readonly Deletion[]): number {
  const version = versionOf(mark);
  const deleted = deletions.filter((one) => one.seq <= mark.lastReadSeq && one.version > version);
  return mark.readCount - deleted.length;
}

/** Applies a sent message. `own`: the viewer wrote it. `counts`: it is not a system message. */
export function afterSent(
  state: ReadState,
  message: { readonly seq: number; readonly own: boolean; readonly counts: boolean },
): ReadState {
  const { seq, own, counts } = message;
  if (seq <= state.lastSeq) return state;
  const countedMessages = state.countedMessages + (counts ? 1 : 0);
  const next = { ...state, lastSeq: seq, countedMessages };
  if (!own || !counts) return next;
  // A mark newer than the message already reflects it.
  if (state.mark.lastSeq >= seq) return { ...next, sentSeq: seq };
  // Sending a message reads the conversation: the server moves the author's mark too.
  const read = { lastReadSeq: seq, readCount: countedMessages, unreadMentionCount: 0 };
  return {
    ...next,
    sentSeq: seq,
    mark: { ...state.mark, ...read, lastSeq: seq, countedMessages },
  };
}

/**
 * Applies the deletion of the message at `seq`.
 *
 * @param numbers the conversation's counters right after the deletion, from the event
 */
export function afterDeleted(
  state: ReadState,
  seq: number,
  numbers: { readonly lastSeq: number; readonly countedMessages: number },
): ReadState {
  // A conversation fetched after the deletion already reflects it.
  if (versionOf(numbers) <= versionOf(state)) return state;
  const countedMessages = state.countedMessages - 1;
  const version = versionOf({ lastSeq: state.lastSeq, countedMessages });
  const deletions = [...state.deletions, { seq, version }].slice(-DELETIONS_KEPT);
  return { ...state, countedMessages, deletions };
}

export function afterMark(state: ReadState, mark: OwnMark): ReadState {
  const { revision } = mark;
  const known = state.mark;
  if (revision < known.revision) return state;
  if (revision === known.revision && versionOf(mark) < versionOf(known)) return state;
  if (mark.lastSeq < state.sentSeq) return { ...state, mark: { ...state.mark, revision } };
  return { ...state, mark };
}

/** Moves the read mark forward before the server confirms it. */
export function afterLocalRead(state: ReadState, wanted: number): ReadState {
  const { lastSeq, countedMessages, mark } = state;
  const seq = Math.min(wanted, lastSeq);
  if (seq <= mark.lastReadSeq) return state;
  const left = seq === lastSeq ? 0 : Math.max(0, countUnread(state) - (seq - mark.lastReadSeq));
  const read = { lastReadSeq: seq, readCount: countedMessages - left, unreadMentionCount: 0 };
  return { ...state, mark: { ...mark, ...read, lastSeq, countedMessages } };
}

/** Merges a fetched state with the events and marks received in the meantime. */
export function mergeReadStates(present: ReadState, fetched: ReadState): ReadState {
  const numbers =
    versionOf(present) >= versionOf(fetched) ? present : { ...fetched, sentSeq: present.sentSeq };
  const { mark } = present;
  const isAhead =
    mark.revision > fetched.mark.revision ||
    // Moved locally; the fetch did not include it.
    (mark.revision === fetched.mark.revision && mark.lastReadSeq > fetched.mark.lastReadSeq);
  return afterMark(numbers, isAhead ? mark : fetched.mark);
}
