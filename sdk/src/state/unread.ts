/** How far the viewer is in a conversation, as `viewerMark`, `ownMarks` and `markRead` tell it. */
export interface OwnMark {
  readonly lastReadSeq: number;
  /** How many of the messages up to there count as something to read. */
  readonly readCount: number;
  readonly unreadMentionCount: number;
  /** Grows with every move but those by sending. */
  readonly revision: number;
  /** The conversation's numbers at the moment of the mark. */
  readonly lastSeq: number;
  readonly countedMessages: number;
}

interface Deletion {
  readonly seq: number;
  readonly age: number;
}

/**
 * What of a conversation is unread for the viewer. Events tell the conversation's numbers, marks the
 * viewer's own, and each may come before or after the other: so either says of which moment it is.
 */
export interface Unread {
  readonly lastSeq: number;
  readonly countedMessages: number;
  readonly mark: OwnMark;
  /** The viewer's newest message: marks from before it do not know that it moved the mark. */
  readonly sentSeq: number;
  /** The latest deletions, for marks that are older than they are. */
  readonly deletions: readonly Deletion[];
}

const DELETIONS_KEPT = 100;

/** What the numbers of a conversation are of: grows with every message and every deletion, and never falls. */
function ageOf(numbers: { readonly lastSeq: number; readonly countedMessages: number }): number {
  return 2 * numbers.lastSeq - numbers.countedMessages;
}

/** Begins with what a snapshot or a fetched conversation says. */
export function beginUnread(
  numbers: { readonly lastSeq: number; readonly countedMessages: number },
  mark: OwnMark,
): Unread {
  const { lastSeq, countedMessages } = numbers;
  return { lastSeq, countedMessages, mark, sentSeq: 0, deletions: [] };
}

/** How many messages are unread. */
export function countUnread({ countedMessages, mark, deletions }: Unread): number {
  return Math.max(0, countedMessages - readCountOf(mark, deletions));
}

/** The mark with what events have told since. */
export function presentMark({ lastSeq, countedMessages, mark, deletions }: Unread): OwnMark {
  return { ...mark, readCount: readCountOf(mark, deletions), lastSeq, countedMessages };
}

function readCountOf(mark: OwnMark, deletions: readonly Deletion[]): number {
  const age = ageOf(mark);
  const deleted = deletions.filter((one) => one.seq <= mark.lastReadSeq && one.age > age);
  return mark.readCount - deleted.length;
}

/** After a message: `own` when the viewer wrote it, `counts` unless it only tells what happened. */
export function afterSent(
  unread: Unread,
  message: { readonly seq: number; readonly own: boolean; readonly counts: boolean },
): Unread {
  const { seq, own, counts } = message;
  if (seq <= unread.lastSeq) return unread;
  const countedMessages = unread.countedMessages + (counts ? 1 : 0);
  const next = { ...unread, lastSeq: seq, countedMessages };
  if (!own || !counts) return next;
  // A mark that came ahead of the message knows of it, and where it was moved after it.
  if (unread.mark.lastSeq >= seq) return { ...next, sentSeq: seq };
  // Whoever writes has read: the server moves the author's mark with the message.
  const read = { lastReadSeq: seq, readCount: countedMessages, unreadMentionCount: 0 };
  return {
    ...next,
    sentSeq: seq,
    mark: { ...unread.mark, ...read, lastSeq: seq, countedMessages },
  };
}

/**
 * After the deletion of the message at `seq`.
 *
 * @param numbers the conversation's right after it, as the event tells them
 */
export function afterDeleted(
  unread: Unread,
  seq: number,
  numbers: { readonly lastSeq: number; readonly countedMessages: number },
): Unread {
  // A conversation that was fetched later knows of it already.
  if (ageOf(numbers) <= ageOf(unread)) return unread;
  const countedMessages = unread.countedMessages - 1;
  const age = ageOf({ lastSeq: unread.lastSeq, countedMessages });
  const deletions = [...unread.deletions, { seq, age }].slice(-DELETIONS_KEPT);
  return { ...unread, countedMessages, deletions };
}

/** After a mark was told. */
export function afterMark(unread: Unread, mark: OwnMark): Unread {
  const { revision } = mark;
  const known = unread.mark;
  if (revision < known.revision) return unread;
  if (revision === known.revision && ageOf(mark) < ageOf(known)) return unread;
  if (mark.lastSeq < unread.sentSeq) return { ...unread, mark: { ...unread.mark, revision } };
  return { ...unread, mark };
}

/** With the mark moved forward, before the server has said what is left. */
export function withRead(unread: Unread, wanted: number): Unread {
  const { lastSeq, countedMessages, mark } = unread;
  const seq = Math.min(wanted, lastSeq);
  if (seq <= mark.lastReadSeq) return unread;
  const left = seq === lastSeq ? 0 : Math.max(0, countUnread(unread) - (seq - mark.lastReadSeq));
  const read = { lastReadSeq: seq, readCount: countedMessages - left, unreadMentionCount: 0 };
  return { ...unread, mark: { ...mark, ...read, lastSeq, countedMessages } };
}

/** What was fetched, together with what events and marks have told in the meantime. */
export function mergeUnread(present: Unread, fetched: Unread): Unread {
  const numbers =
    ageOf(present) >= ageOf(fetched) ? present : { ...fetched, sentSeq: present.sentSeq };
  const { mark } = present;
  const isAhead =
    mark.revision > fetched.mark.revision ||
    // Moved here, of which the server had not heard.
    (mark.revision === fetched.mark.revision && mark.lastReadSeq > fetched.mark.lastReadSeq);
  return afterMark(numbers, isAhead ? mark : fetched.mark);
}
