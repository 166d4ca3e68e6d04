import type { FieldProblem } from "../../kernel/errors.ts";

/** How long a link lets people in unless something else is asked for: a week. */
export const LINK_DEFAULT_SECONDS = 604_800;
const LINK_MAX_SECONDS = 31_536_000;
const LINK_MAX_USES = 10_000;

/**
 * What is wrong with the bounds of a link; empty when nothing is.
 *
 * @param maxUses null for any number
 */
export function linkProblems(expiresInSeconds: number, maxUses: number | null): FieldProblem[] {
  const problems: FieldProblem[] = [];
  if (expiresInSeconds < 1 || expiresInSeconds > LINK_MAX_SECONDS) {
    const message = `A link lasts 1 to ${String(LINK_MAX_SECONDS)} seconds.`;
    problems.push({ field: "expiresInSeconds", code: "INVALID_VALUE", message });
  }
  if (maxUses !== null && (maxUses < 1 || maxUses > LINK_MAX_USES)) {
    const message = `A link lets in 1 to ${String(LINK_MAX_USES)} people.`;
    problems.push({ field: "maxUses", code: "INVALID_VALUE", message });
  }
  return problems;
}
