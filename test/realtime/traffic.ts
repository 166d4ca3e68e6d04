import type { Room } from "../kit/documents.ts";
import { eventually } from "../kit/eventually.ts";
import { onRelease } from "../kit/resources.ts";
import type { Actor } from "../kit/seed.ts";

/** People who talk without a pause. */
export interface Traffic {
  /** Messages acknowledged so far. */
  readonly count: number;
  /** Resolves when so many more messages have been acknowledged. */
  flows(more: number): Promise<void>;
  /** Resolves when nobody talks any more. @throws what anybody failed with */
  stop(): Promise<void>;
}

/** Lets each of the people say one thing after another in the room, until it is stopped. */
export function startTraffic(people: readonly Actor[], room: Pick<Room, "id">): Traffic {
  let stopped = false;
  let count = 0;
  const isStopped = (): boolean => stopped;
  const talking = Promise.all(
    people.map(async (person) => {
      for (let number = 0; !isStopped(); number += 1) {
        await person.says(room, `${person.username} ${number}`);
        count += 1;
      }
    }),
  );
  // Whoever stops it learns of a failure.
  talking.catch(() => undefined);
  const stop = async (): Promise<void> => {
    stopped = true;
    await talking;
  };
  onRelease(stop);
  return {
    get count() {
      return count;
    },
    flows: async (more) => {
      const wanted = count + more;
      await eventually(() => count >= wanted, { what: `${more} more messages`, timeoutMs: 15_000 });
    },
    stop,
  };
}
