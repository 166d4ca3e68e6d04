import { expect } from "vitest";
import type { TestClient } from "../kit/client.ts";
import type { Endpoint } from "../kit/socket.ts";
import { positionOf } from "./positions.ts";
import { reduceSnapshot } from "./reduce-snapshot.ts";
import { readSnapshot, SNAPSHOT_EVENTS, type Change, type Snapshot } from "./snapshot.ts";

/** An observing user. */
export interface Observer {
  readonly name: string;
  /** Called again after the action, which may have changed the token. */
  client(): TestClient;
}

export interface VerifyOptions {
  /** Another instance, whose replay must lead to the same result. */
  replayOn: Endpoint;
  /** Causes an event that everyone receives, as the end marker of a stream. */
  marker: () => Promise<unknown>;
}

/**
 * Verifies that an action's events cover all its changes. For every observer, the earlier snapshot plus
 * the events must equal a fresh snapshot. The events are first those received live, then those of a replay
 * on another instance. The model is Zulip's `verify_action`:
 * https://zulip.readthedocs.io/en/latest/subsystems/events-system.html
 */
export async function verifyAction(
  observers: readonly Observer[],
  action: () => Promise<unknown>,
  { replayOn, marker }: VerifyOptions,
): Promise<void> {
  const before = await Promise.all(
    observers.map(async ({ client }) => {
      const { cursor, snapshot } = await readSnapshot(client());
      return { cursor, snapshot, live: await changes(client(), cursor) };
    }),
  );
  await action();
  const fresh = await Promise.all(observers.map(({ client }) => readSnapshot(client())));
  const replays = await Promise.all(
    observers.map(({ client }, index) =>
      changes(client().on(replayOn), before[index]?.cursor ?? ""),
    ),
  );
  await marker();
  for (const [index, { name }] of observers.entries()) {
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

/** Opens the events of a user after a cursor. */
export function changes(person: TestClient, after: string) {
  return person.subscribe<Change>({ query: SNAPSHOT_EVENTS, variables: { after } });
}

/** Applies a stream's events up to a cursor, and none after it. */
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
