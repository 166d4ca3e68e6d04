import { expect, test } from "vitest";
import { makeLiveSessions } from "../../server/domain/session/live-sessions.service.ts";
import { CachedSession } from "../../server/domain/session/session.store.ts";
import { systemClock } from "../../server/kernel/clock.ts";
import { makeLogger } from "../../server/kernel/logger.ts";
import type { LogEvent } from "../../server/log/event.ts";
import type { UserRecord } from "../../server/domain/user/user.record.ts";

const HOUR_MS = 3_600_000;

function person(displayName: string, changedAt: Date | null): UserRecord {
  return { id: "u", displayName, changedAt } as UserRecord;
}

/** Creates sessions with a store that responds on request, and a log controlled by the test. */
function sessionsOf(user: UserRecord) {
  let publish: (event: LogEvent) => void = () => undefined;
  let answer: () => void = () => undefined;
  const now = new Date();
  const session = new CachedSession({
    ...{ id: "s", userId: "u", device: "", address: "" },
    ...{ createdAt: now, lastUsedAt: now, expiresAt: new Date(now.getTime() + HOUR_MS) },
  });
  const sessions = makeLiveSessions({
    store: {
      findByTokenHashes: (hashes) =>
        new Promise((resolve) => {
          answer = () => resolve(hashes.map(() => ({ session, user })));
        }),
      lastUsed: () => Promise.resolve([]),
      touch: () => Promise.resolve(),
    },
    log: { observe: (observer) => void (publish = observer) },
    clock: systemClock,
    logger: makeLogger({ level: "silent" }),
    settings: { idleMs: HOUR_MS, lockMs: HOUR_MS, reportAlive: false },
  });
  return { sessions, answer: () => answer(), publish: (event: LogEvent) => publish(event) };
}

test("a session that is read while its user is renamed has the new name", async () => {
  const { sessions, answer, publish } = sessionsOf(person("Ada", null));
  const viewer = sessions.authenticate("token");
  await new Promise((resolve) => setImmediate(resolve));
  const renamed = person("Ada Lovelace", new Date());
  publish({ type: "USER_CHANGED", payload: { user: renamed } } as LogEvent);
  answer();
  expect((await viewer)?.user).toEqual(renamed);
});

test("a session that ends while it is being read has no viewer", async () => {
  const { sessions, answer, publish } = sessionsOf(person("Ada", null));
  const viewer = sessions.authenticate("token");
  await new Promise((resolve) => setImmediate(resolve));
  publish({ type: "SESSION_ENDED", payload: { sessionId: "s" } } as LogEvent);
  answer();
  expect(await viewer).toBeNull();
});
