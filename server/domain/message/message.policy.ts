import type { FieldProblem } from "../../kernel/errors.ts";

type Role = "OWNER" | "MODERATOR" | "MEMBER";

/** The inputs of the decision about sending a message, as they are when the log's head is locked. */
export interface SendSituation {
  /** Whether the author has already sent a message with this `clientId`, in any conversation. */
  isDuplicate: boolean;
  /** Null for non-members, for former members and therefore for banned users. */
  role: Role | null;
  isArchived: boolean;
  /** Whether the conversation is direct and has not begun, or a block applies between its users. */
  isBlocked: boolean;
  /** End of a mute of the author by a moderator; may be in the past. */
  mutedUntil: Date | null;
  /** The message to reply to; `ABSENT` if the conversation has no such message, null for no reply. */
  replyTo: "ABSENT" | { isDeleted: boolean } | null;
  /** The root message of the thread; `ABSENT` as in `replyTo`, null outside threads. */
  threadRoot: "ABSENT" | ThreadRoot | null;
  /** Whether each attached file is complete, unused, for messages, and the author's. */
  areFilesUsable: boolean;
  /** Pause between two messages of a member, in seconds; 0 without slow mode. */
  slowModeSeconds: number;
  /** Time of the author's latest message in the conversation. */
  lastSentAt: Date | null;
}

/** A message at the start of a thread. */
export interface ThreadRoot {
  isSystem: boolean;
  /** Whether the message is itself a reply in a thread. */
  isInThread: boolean;
  isDeleted: boolean;
  hasReplies: boolean;
}

/** A reason to store no message. */
export type SendRefusal =
  | "DUPLICATE"
  | "NOT_A_MEMBER"
  | "ARCHIVED"
  | "BLOCKED"
  | "MUTED"
  | "NO_SUCH_REPLY"
  | "NO_SUCH_THREAD"
  | "REPLY_DELETED"
  | "NO_SUCH_FILE"
  | "SLOW_MODE";

/**
 * Specifies the rule for sending. The SQL functions `log_append_message` and `log_append_messages` apply it
 * under the lock of the log's head; test/infra/can-send.test.ts proves that they agree with it.
 *
 * @param now milliseconds since the Unix epoch
 * @returns the first refusal that applies, or `SENT` if the message may be sent
 */
export function canSend(situation: SendSituation, now: number): "SENT" | SendRefusal {
  const { role, replyTo, threadRoot } = situation;
  // A repeated send must return the first message, even after the author has left.
  if (situation.isDuplicate) return "DUPLICATE";
  if (role === null) return "NOT_A_MEMBER";
  if (situation.isArchived) return "ARCHIVED";
  if (situation.isBlocked) return "BLOCKED";
  if (isMuted(situation, now)) return "MUTED";
  if (replyTo === "ABSENT") return "NO_SUCH_REPLY";
  if (replyTo?.isDeleted === true) return "REPLY_DELETED";
  if (threadRoot !== null) {
    if (threadRoot === "ABSENT" || threadRoot.isSystem || threadRoot.isInThread)
      return "NO_SUCH_THREAD";
    // A thread outlives its root message, but cannot start at a deleted one.
    if (threadRoot.isDeleted && !threadRoot.hasReplies) return "REPLY_DELETED";
  }
  if (!situation.areFilesUsable) return "NO_SUCH_FILE";
  if (role === "MEMBER" && isInSlowMode(situation, now)) return "SLOW_MODE";
  return "SENT";
}

function isInSlowMode({ slowModeSeconds, lastSentAt }: SendSituation, now: number): boolean {
  if (slowModeSeconds === 0 || lastSentAt === null) return false;
  return lastSentAt.getTime() + slowModeSeconds * 1_000 > now;
}

/** The inputs of decisions about changing a message. */
export interface MessageRights {
  kind: "ROOM" | "DIRECT";
  role: Role | null;
  /** Whether the viewer is the author. */
  isAuthor: boolean;
  /** Whether the viewer acts as an administrator of the server. */
  isAdministrator?: boolean;
  /** Whether it is a SYSTEM message. */
  isSystem: boolean;
  /** Whether the conversation is archived. */
  isArchived: boolean;
  /** End of a mute of the viewer by a moderator; may be in the past. */
  mutedUntil: Date | null;
}

/** Whether the viewer is currently muted. @param now milliseconds since the Unix epoch */
export function isMuted({ mutedUntil }: Pick<MessageRights, "mutedUntil">, now: number): boolean {
  return mutedUntil !== null && mutedUntil.getTime() > now;
}

/** Only the author may edit a message. No one may edit a SYSTEM message. */
export function canEditMessage(rights: MessageRights): boolean {
  return rights.isAuthor && rights.role !== null && !rights.isSystem;
}

/**
 * Authors may delete their messages while they can read them, even after they have left. Moderators may
 * delete messages in their room, administrators everywhere.
 */
export function canDeleteMessage(rights: MessageRights): boolean {
  if (rights.isSystem) return false;
  return rights.isAuthor || isModeratorOfRoom(rights) || rights.isAdministrator === true;
}

/**
 * Moderators may pin in a room, all participants in a direct conversation. SYSTEM messages cannot be
 * pinned.
 */
export function canPinMessage(rights: MessageRights): boolean {
  if (rights.isSystem) return false;
  return rights.kind === "DIRECT" ? rights.role !== null : isModeratorOfRoom(rights);
}

/** Users who may edit or delete a message may see its former texts. */
export function canSeeEdits(rights: MessageRights): boolean {
  return canEditMessage(rights) || canDeleteMessage(rights);
}

function isModeratorOfRoom({ kind, role }: MessageRights): boolean {
  return kind === "ROOM" && (role === "OWNER" || role === "MODERATOR");
}

/**
 * Returns the problems of a message's text; empty if it is valid.
 *
 * @param maxLength in UTF-16 code units, as `String.length` counts
 * @param options.what noun in the messages, because posts obey the same rules
 * @param options.hasFiles whether files are attached, which allow an empty text
 */
export function bodyProblems(
  body: string,
  maxLength: number,
  { what = "message", hasFiles = false }: { what?: string; hasFiles?: boolean } = {},
): FieldProblem[] {
  if (body.trim() === "" && !hasFiles)
    return [{ field: "body", code: "REQUIRED", message: `A ${what} needs some text.` }];
  if (body.length > maxLength) {
    return [
      {
        field: "body",
        code: "TOO_LONG",
        message: `A ${what} may have at most ${String(maxLength)} characters.`,
      },
    ];
  }
  // PostgreSQL cannot store NUL, and lone surrogates would be read back differently.
  if (/[\0\p{Cs}]/u.test(body)) {
    const message = `A ${what} must not contain NUL or lone surrogates.`;
    return [{ field: "body", code: "INVALID_FORMAT", message }];
  }
  return [];
}
