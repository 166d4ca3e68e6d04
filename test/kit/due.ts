import type { TestDatabase } from "./database.ts";
import type { Room } from "./documents.ts";
import { eventually } from "./eventually.ts";
import type { Actor } from "./seed.ts";

/**
 * Makes scheduled messages due immediately and wakes the instances.
 *
 * @param texts their texts, longest overdue first
 * @param waker a user who schedules a message in `where` for a moment later, which wakes the instances
 */
export async function makeDue(
  database: TestDatabase,
  texts: readonly string[],
  waker: Actor,
  where: Pick<Room, "id">,
): Promise<void> {
  await database.query(
    `UPDATE "ScheduledMessage" s SET "sendAt" = due.at, "dueAt" = due.at
     FROM (
       SELECT body, now() - interval '1 minute' + place * interval '1 ms' AS at
       FROM unnest($1::text[]) WITH ORDINALITY AS t (body, place)
     ) due WHERE s.body = due.body`,
    [texts],
  );
  // On a busy machine, the time may be past when the server receives the request.
  await eventually(() => waker.schedules(where, "wake up", 500));
}
