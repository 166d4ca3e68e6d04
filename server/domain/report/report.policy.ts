import type { FieldProblem } from "../../kernel/errors.ts";

/** What decides about handling a report. */
export interface ReportRights {
  isAdministrator: boolean;
  /** The viewer's place where the reported message stands; null elsewhere. */
  role: "OWNER" | "MODERATOR" | "MEMBER" | null;
  kind: "ROOM" | "DIRECT" | null;
  subject: "MESSAGE" | "USER" | "ROOM";
  /** Whether it is about the viewer. */
  isAccused: boolean;
}

/** Nobody judges what they are accused of, but that administrators have nobody above them. */
export function canHandleReport(rights: ReportRights): boolean {
  if (rights.isAdministrator) return true;
  const keepsOrder =
    rights.kind === "ROOM" && (rights.role === "OWNER" || rights.role === "MODERATOR");
  return rights.subject === "MESSAGE" && keepsOrder && !rights.isAccused;
}

/** Who reported stays between them and the administrators: moderators sit in the same room. */
export function canSeeReporter({
  isAdministrator,
}: Pick<ReportRights, "isAdministrator">): boolean {
  return isAdministrator;
}

export const COMMENT_MAX_LENGTH = 1_000;

/** What is wrong with a comment or note; empty when nothing is. */
export function commentProblems(field: string, text: string): FieldProblem[] {
  if (text.length > COMMENT_MAX_LENGTH) {
    const message = `At most ${String(COMMENT_MAX_LENGTH)} characters.`;
    return [{ field, code: "TOO_LONG", message }];
  }
  if (/[\0\p{Cs}]/u.test(text)) {
    const message = "Neither NUL nor half characters can be stored.";
    return [{ field, code: "INVALID_FORMAT", message }];
  }
  return [];
}
