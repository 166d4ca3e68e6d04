import type { Room } from "../kit/documents.ts";
import { eventually } from "../kit/eventually.ts";
import { onRelease } from "../kit/resources.ts";
import type { Actor } from "../kit/seed.ts";

/** Users who send constantly. */
export interface Traffic {
  /** Number of acknowledged messages. */
  readonly count: number;
  /** Resolves after this many more acknowledgements. */
  flows(more: number): Promise<void>;
  /** Resolves when no user sends any more. @throws the failure of any user */
  stop(): Promise<void>;
}

/** Makes each user send messages to the room until it is stopped. */
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
  // `stop` reports failures to its caller.
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
