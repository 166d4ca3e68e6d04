import { gatherFacts, type Facts } from "./facts.ts";
import type { Entry } from "./history.ts";
import { missedEvents, trespasses } from "./membership-rules.ts";
import { disorder, duplicates, reversals } from "./order-rules.ts";
import { ghosts, lostWrites, secondResults, staleReads, wrongCounts } from "./state-rules.ts";

/** What the promise forbids. */
export type Rule =
  /** Something acknowledged is not in the log, or not in a history that was read whole. */
  | "lost"
  /** A member was not told of an event. */
  | "missing"
  /** An event was handed to the application twice. */
  | "duplicate"
  /** Two clients, or a client and the log, tell of different orders. */
  | "order"
  /** A client's position moved back. */
  | "backwards"
  /** An event from after the end of the right to see it. */
  | "trespass"
  /** Two messages for one client id. */
  | "second result"
  /** What is unread is something else when it is counted anew. */
  | "unread"
  /** Somebody is told to be there who has long gone. */
  | "ghost"
  /** A read without a write that was acknowledged before it. */
  | "stale read"
  /** The server could not tell a client what it had missed. */
  | "gap"
  /** An instance ended by itself, or had a bug. */
  | "broken";

export interface Violation {
  rule: Rule;
  what: string;
}

export interface CheckOptions {
  /** How long somebody may be told to be there after they have gone, in milliseconds. */
  presenceGraceMs: number;
}

/** Says what in a history breaks the promise; nothing where it was kept. Looks at nothing else. */
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
    yield `${entry.client} was told of a gap (${entry.reason}) at ${entry.position}`;
  }
}

function* breakage(entries: readonly Entry[]): Generator<string> {
  for (const entry of entries) {
    if (entry.kind === "broke") yield `${entry.instance}: ${entry.what}`;
    if (entry.kind === "failed" && entry.code === "INTERNAL_SERVER_ERROR")
      yield `${entry.by} was answered ${entry.code} to ${entry.action}`;
  }
}
