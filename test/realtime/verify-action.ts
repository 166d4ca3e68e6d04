import { expect } from "vitest";
import type { TestClient } from "../kit/client.ts";
import type { Endpoint } from "../kit/socket.ts";
import { positionOf } from "./positions.ts";
import { reduceSnapshot } from "./reduce-snapshot.ts";
import { readSnapshot, SNAPSHOT_EVENTS, type Change, type Snapshot } from "./snapshot.ts";

/** Somebody who looks on. */
export interface Onlooker {
  readonly name: string;
  /** Asked again after the action, which may have changed the token. */
  client(): TestClient;
}

export interface VerifyOptions {
  /** Where the same is verified with a replay: another instance. */
  replayOn: Endpoint;
  /** Makes something happen that everybody sees, so that it is known when a stream is complete. */
  bell: () => Promise<unknown>;
}

/**
 * Shows that an action tells all that it changes, in the manner of Zulip's `verify_action`
 * (https://zulip.readthedocs.io/en/latest/subsystems/events-system.html): for every onlooker, the
 * snapshot from before, brought up to date by events, has to equal a fresh one; once with the events
 * that came live, and once with those that another instance replays.
 */
export async function verifyAction(
  onlookers: readonly Onlooker[],
  action: () => Promise<unknown>,
  { replayOn, bell }: VerifyOptions,
): Promise<void> {
  const before = await Promise.all(
    onlookers.map(async ({ client }) => {
      const { cursor, snapshot } = await readSnapshot(client());
      return { cursor, snapshot, live: await changes(client(), cursor) };
    }),
  );
  await action();
  const fresh = await Promise.all(onlookers.map(({ client }) => readSnapshot(client())));
  const replays = await Promise.all(
    onlookers.map(({ client }, index) =>
      changes(client().on(replayOn), before[index]?.cursor ?? ""),
    ),
  );
  await bell();
  for (const [index, { name }] of onlookers.entries()) {
    const [old, now, replay] = [before[index], fresh[index], replays[index]];
    if (!old || !now || !replay) throw new Error(`nothing was seen by ${name}`);
    for (const [way, stream] of [["live", old.live] as const, ["replayed", replay] as const]) {
      const updated = await bringUpToDate(old.snapshot, stream, now.cursor);
      expect(updated, `${name}, ${way}`).toEqual(now.snapshot);
    }
    await Promise.all([old.live.close(), replay.close()]);
  }
}

type Changes = Awaited<ReturnType<typeof changes>>;

/** The events of a person after a cursor. */
export function changes(person: TestClient, after: string) {
  return person.subscribe<Change>({ query: SNAPSHOT_EVENTS, variables: { after } });
}

/** Applies what a stream tells up to a cursor, and nothing of what comes behind. */
export async function bringUpToDate(
  snapshot: Snapshot,
  stream: Changes,
  until: string,
): Promise<Snapshot> {
  const end = positionOf(until);
  await stream.next(({ cursor }) => positionOf(cursor) > end);
  return stream.all
    .filter(({ cursor }) => positionOf(cursor) <= end)
    .reduce(reduceSnapshot, snapshot);
}
