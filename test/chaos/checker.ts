import { gatherFacts, type Facts } from "./facts.ts";
import type { Entry } from "./history.ts";
import { missedEvents, trespasses } from "./membership-rules.ts";
import { disorder, duplicates, reversals } from "./order-rules.ts";
import { ghosts, lostWrites, secondResults, staleReads, wrongCounts } from "./state-rules.ts";

/** A violation of the promise. */
export type Rule =
  /** An acknowledged change is missing in the log, or in a complete history. */
  | "lost"
  /** A member did not receive an event. */
  | "missing"
  /** The application received an event twice. */
  | "duplicate"
  /** Two clients, or a client and the log, have different orders. */
  | "order"
  /** A client's position decreased. */
  | "backwards"
  /** A client received an event after its access ended. */
  | "trespass"
  /** One client id has two messages. */
  | "second result"
  /** An unread count differs from a fresh count. */
  | "unread"
  /** A user who left long ago still appears online. */
  | "ghost"
  /** A read lacks a write acknowledged before it. */
  | "stale read"
  /** The server could not replay the events that a client had missed. */
  | "gap"
  /** An instance crashed or logged a bug. */
  | "broken";

export interface Violation {
  rule: Rule;
  what: string;
}

export interface CheckOptions {
  /** How long a user may appear online after disconnecting, in milliseconds. */
  presenceGraceMs: number;
}

/** Returns the violations in a history; empty if the promise was kept. Its only input is the history. */
export function check(entries: readonly Entry[], options: CheckOptions): Violation[] {
  const facts: Facts = gatherFacts(entries);
  const found: Violation[] = [];
  const add = (rule: Rule, whats: Iterable<string>): void => {
    for (const what of whats) found.push({ rule, what });
  };
  add("lost", lostWrites(entries, facts));
  add("missing", missedEvents(facts));
  add("duplicate", duplicates(facts));
  add("order", disorder(entries, facts));
  add("backwards", reversals(facts));
  add("trespass", trespasses(facts));
  add("second result", secondResults(entries, facts));
  add("unread", wrongCounts(entries));
  add("ghost", ghosts(entries, facts, options.presenceGraceMs));
  add("stale read", staleReads(entries));
  add("gap", gaps(entries));
  add("broken", breakage(entries));
  return found;
}

function* gaps(entries: readonly Entry[]): Generator<string> {
  for (const entry of entries) {
    if (entry.kind !== "gap") continue;
    yield `${entry.client} received a gap (${entry.reason}) at ${entry.position}`;
  }
}

function* breakage(entries: readonly Entry[]): Generator<string> {
  for (const entry of entries) {
    if (entry.kind === "broke") yield `${entry.instance}: ${entry.what}`;
    if (entry.kind === "failed" && entry.code === "INTERNAL_SERVER_ERROR")
      yield `${entry.by} was answered ${entry.code} to ${entry.action}`;
  }
}
