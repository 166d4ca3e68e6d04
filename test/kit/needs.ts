import { describe, inject } from "vitest";

/** What a machine may lack. */
export type Need = "redis" | "redis-server" | "browser";

/** Why each need is not met on this machine; met ones are missing. */
export type Lacks = Partial<Record<Need, string>>;

/**
 * A suite that runs where the machine offers what it needs. Elsewhere it is skipped with the
 * reason in its name, so that no reporter can hide it; with CI=true the run fails before it.
 */
export function describeWith(needs: Need | readonly Need[], name: string, body: () => void): void {
  const lacks = inject("lacks");
  const reasons = [needs].flat().flatMap((need) => lacks[need] ?? []);
  if (reasons.length === 0) describe(name, body);
  else describe.skip(`${name} [skipped: ${reasons.join("; ")}]`, body);
}
