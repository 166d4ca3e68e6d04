import type { TestDatabase } from "./database.ts";
import type { Room } from "./documents.ts";
import { eventually } from "./eventually.ts";
import type { Actor } from "./seed.ts";

/**
 * Makes scheduled messages due at once, as time would, and wakes the instances.
 *
 * @param texts which, by what they say, the longest due first
 * @param waker somebody who schedules something for a moment from now in `where`, which wakes them
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
  // On a busy machine the moment may have passed before the server hears of it.
  await eventually(() => waker.schedules(where, "wake up", 500));
}
