import type { Db } from "../infra/database/database.ts";
import type { NewEvent, PlacedEvent } from "./event.ts";

export type { Db };

/**
 * One unit of work: a transaction and the events that it appends. `log.write` opens it. A service that
 * runs inside a unit of another service takes the unit as its first parameter.
 *
 * Appending writes shared rows: the log's head, the heads of conversations, memberships. A unit must lock
 * the log, with `lockLog` or `append`, before it changes such a row itself. All writers then lock in the
 * same order, and none can deadlock. A decision that such rows determine must be made after the lock, too.
 */
export interface Unit {
  /** The transaction, for stores. */
  readonly tx: Db;
  /** Locks the log and appends an event. Returns it with its position. */
  append(event: NewEvent): Promise<PlacedEvent>;
  /** Locks the log and appends events in their order, as `append` does. */
  appendAll(events: readonly NewEvent[]): Promise<PlacedEvent[]>;
  /** Locks the head of the log until the transaction ends, without appending. */
  lockLog(): Promise<void>;
}
