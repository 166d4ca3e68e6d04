import { describe, inject } from "vitest";

/** A program that a machine may lack. */
export type Need = "redis" | "redis-server" | "browser";

/** The reason for each missing program. */
export type Lacks = Partial<Record<Need, string>>;

/**
 * Defines a suite that needs certain programs. Without them it is skipped, with the reason in its name,
 * so that every reporter shows it; with CI=true the run fails earlier.
 */
export function describeWith(needs: Need | readonly Need[], name: string, body: () => void): void {
  const lacks = inject("lacks");
  const reasons = [needs].flat().flatMap((need) => lacks[need] ?? []);
  if (reasons.length === 0) describe(name, body);
  else describe.skip(`${name} [skipped: ${reasons.join("; ")}]`, body);
}
