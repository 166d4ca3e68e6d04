import type { FieldProblem } from "../../kernel/errors.ts";

/** Default lifetime of an invite link: one week. */
export const LINK_DEFAULT_SECONDS = 604_800;
const LINK_MAX_SECONDS = 31_536_000;
const LINK_MAX_USES = 10_000;

/**
 * Returns the problems of a link's limits; empty if they are valid.
 *
 * @param maxUses null for no limit
 */
export function linkProblems(expiresInSeconds: number, maxUses: number | null): FieldProblem[] {
  const problems: FieldProblem[] = [];
  if (expiresInSeconds < 1 || expiresInSeconds > LINK_MAX_SECONDS) {
    const message = `A link can last 1 to ${String(LINK_MAX_SECONDS)} seconds.`;
    problems.push({ field: "expiresInSeconds", code: "INVALID_VALUE", message });
  }
  if (maxUses !== null && (maxUses < 1 || maxUses > LINK_MAX_USES)) {
    const message = `A link can be used by 1 to ${String(LINK_MAX_USES)} people.`;
    problems.push({ field: "maxUses", code: "INVALID_VALUE", message });
  }
  return problems;
}
