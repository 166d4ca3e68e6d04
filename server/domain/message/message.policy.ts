import type { FieldProblem } from "../../kernel/errors.ts";

/** The inputs of the decision about reading messages. */
export interface MessageAccess {
  visibility: "PUBLIC" | "PRIVATE";
  isMember: boolean;
  /** Whether a ban of the viewer is in force. */
  isBanned: boolean;
}

/** Users who can read the conversation can read its messages. */
export function canReadMessages(access: MessageAccess): boolean {
  return (access.visibility === "PUBLIC" || access.isMember) && !access.isBanned;
}

/** The inputs of decisions about changing a message. */
export interface MessageRights {
  kind: "ROOM" | "DIRECT";
  role: "OWNER" | "MODERATOR" | "MEMBER" | null;
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
  return rights.isAuthor || keepsOrder(rights) || rights.isAdministrator === true;
}

/**
 * Moderators may pin in a room, all participants in a direct conversation. SYSTEM messages cannot be
 * pinned.
 */
export function canPinMessage(rights: MessageRights): boolean {
  if (rights.isSystem) return false;
  return rights.kind === "DIRECT" ? rights.role !== null : keepsOrder(rights);
}

/** Users who may edit or delete a message may see its former texts. */
export function canSeeEdits(rights: MessageRights): boolean {
  return canEditMessage(rights) || canDeleteMessage(rights);
}

function keepsOrder({ kind, role }: MessageRights): boolean {
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
