import type { FieldProblem } from "../../kernel/errors.ts";

/** What decides about reading: whether the conversation is open to all, and the viewer's place in it. */
export interface MessageAccess {
  visibility: "PUBLIC" | "PRIVATE";
  isMember: boolean;
  /** Whether a ban of the viewer is in force. */
  isBanned: boolean;
}

/** Who may see the conversation may read what is said in it. */
export function canReadMessages(access: MessageAccess): boolean {
  return (access.visibility === "PUBLIC" || access.isMember) && !access.isBanned;
}

/** What decides about changing a message. */
export interface MessageRights {
  kind: "ROOM" | "DIRECT";
  role: "OWNER" | "MODERATOR" | "MEMBER" | null;
  /** Whether the viewer wrote it. */
  isAuthor: boolean;
  /** Whether the viewer administers the server and asks as such. */
  isAdministrator?: boolean;
  /** Whether it tells what happened, in place of something that somebody said. */
  isSystem: boolean;
  /** Whether nothing is said any more in the conversation. */
  isArchived: boolean;
  /** Until when a moderator lets the viewer say nothing; may be in the past. */
  mutedUntil: Date | null;
}

/** Whether the viewer may say nothing at the moment. @param now milliseconds since the epoch */
export function isMuted({ mutedUntil }: Pick<MessageRights, "mutedUntil">, now: number): boolean {
  return mutedUntil !== null && mutedUntil.getTime() > now;
}

/** Words are their author's: nobody else may change them. What happened is nobody's to change. */
export function canEditMessage(rights: MessageRights): boolean {
  return rights.isAuthor && rights.role !== null && !rights.isSystem;
}

/** Authors take back what they said, also after they have left, where they may still read it; owners and moderators keep a room in order, administrators the server. */
export function canDeleteMessage(rights: MessageRights): boolean {
  if (rights.isSystem) return false;
  return rights.isAuthor || keepsOrder(rights) || rights.isAdministrator === true;
}

/** In a room its owners and moderators pin, in a direct conversation everyone; only what was said. */
export function canPinMessage(rights: MessageRights): boolean {
  if (rights.isSystem) return false;
  return rights.kind === "DIRECT" ? rights.role !== null : keepsOrder(rights);
}

/** Who may see what a message said before: those who may change or remove it. */
export function canSeeEdits(rights: MessageRights): boolean {
  return canEditMessage(rights) || canDeleteMessage(rights);
}

function keepsOrder({ kind, role }: MessageRights): boolean {
  return kind === "ROOM" && (role === "OWNER" || role === "MODERATOR");
}

/**
 * What is wrong with a message's text; empty when nothing is.
 *
 * @param maxLength in UTF-16 code units, as `String.length` counts
 * @param options.what     how the problems call it: posts obey the same rules
 * @param options.hasFiles whether files stand beside it, which may stand alone
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
        message: `A ${what} has at most ${String(maxLength)} characters.`,
      },
    ];
  }
  // Neither can be stored: what was sent and what is read later would differ.
  if (/[\0\p{Cs}]/u.test(body)) {
    const message = `A ${what} holds neither NUL nor half characters.`;
    return [{ field: "body", code: "INVALID_FORMAT", message }];
  }
  return [];
}
