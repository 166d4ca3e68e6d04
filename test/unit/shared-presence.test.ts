import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  makeSharedPresence,
  type SharedPresence,
  type ConnectedUser,
  type Source,
} from "../../server/domain/presence/shared-presence.service.ts";
import {
  combineDevices,
  isShownToOthers,
  statusOfDevice,
} from "../../server/domain/presence/presence.policy.ts";
import { makeLogger } from "../../server/kernel/logger.ts";
import { makeExchange, type Exchange } from "../../server/signal/exchange.ts";
import { MemoryWires } from "./memory-bus.ts";

const TTL_MS = 30_000;
const MOVE_MS = 3_000;

const logger = makeLogger({ level: "silent" });

interface Instance {
  people: SharedPresence;
  exchange: Exchange;
  /** The users changed on this instance, with the source. */
  changes: [userId: string, source: Source, at: number][];
}

let wires: MemoryWires;

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
  wires = new MemoryWires();
});

afterEach(() => {
  vi.useRealTimers();
});

async function start(id: string): Promise<Instance> {
  const exchange = makeExchange({ bus: wires.bus(), instanceId: id, logger });
  const changes: Instance["changes"] = [];
  const people = makeSharedPresence({
    exchange,
    clock: { now: Date.now },
    ttlMs: TTL_MS,
    moveMs: MOVE_MS,
    changed: (userId, at, source) => changes.push([userId, source, at]),
  });
  await exchange.start();
  people.start();
  await settle();
  return { people, exchange, changes };
}

/** Delivers everything in transit. */
const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(10);

function being(
  userId: string,
  status: "ONLINE" | "AWAY" = "ONLINE",
  invisible = false,
): ConnectedUser {
  const createdAt = new Date(0);
  const names = { username: userId, usernameKey: userId, displayName: "" };
  const unchanged = { avatarId: null, statusText: null, changedAt: null };
  const user = { id: userId, ...names, createdAt, ...unchanged };
  return { status, invisible, user };
}

describe("instances know each other's users", () => {
  test("in any start order, with dates restored", async () => {
    const a = await start("a");
    a.people.publish("ada", being("ada"));
    await settle();
    const b = await start("b");
    expect(b.people.of("ada")).toEqual(being("ada"));
    b.people.publish("ada", being("ada", "AWAY"));
    b.people.publish("ben", being("ben", "AWAY"));
    await settle();
    expect(a.people.of("ben")).toEqual(being("ben", "AWAY"));
    expect(b.people.of("ada")?.status).toBe("ONLINE");
    a.people.publish("ada", null);
    await settle();
    expect(b.people.of("ada")?.status).toBe("AWAY");
    b.people.publish("ada", null);
    await settle();
    for (const { people } of [a, b]) expect(people.of("ada")).toBeNull();
  });

  test("until an instance is silent for its time to live, as of its last heartbeat", async () => {
    const a = await start("a");
    const c = await start("c");
    const b = await start("b");
    b.people.publish("ada", being("ada"));
    c.people.publish("cat", being("cat"));
    await vi.advanceTimersByTimeAsync(10 * TTL_MS);
    expect(a.people.of("ada")).not.toBeNull();
    // The instance is frozen or dead: it neither sends nor receives.
    b.exchange.publish = () => undefined;
    const diedAt = Date.now();
    a.changes.length = 0;
    await vi.advanceTimersByTimeAsync(TTL_MS);
    expect(a.people.of("ada")).toBeNull();
    expect(a.people.of("cat")).not.toBeNull();
    const [userId, source, at] = a.changes[0] ?? ["", "told", 0];
    expect([userId, source]).toEqual(["ada", "lost"]);
    expect(at).toBeLessThanOrEqual(diedAt);
    expect(at).toBeGreaterThan(diedAt - TTL_MS / 2);
  });

  test("until a stopping instance's users have had time to reconnect", async () => {
    const a = await start("a");
    const b = await start("b");
    b.people.publish("ada", being("ada"));
    await settle();
    b.people.stop();
    await vi.advanceTimersByTimeAsync(MOVE_MS / 2);
    expect(a.people.of("ada")).not.toBeNull();
    await vi.advanceTimersByTimeAsync(MOVE_MS);
    expect(a.people.of("ada")).toBeNull();
  });

  test("again at the next heartbeat after lost updates", async () => {
    const a = await start("a");
    const b = await start("b");
    a.people.publish("ada", being("ada"));
    await settle();
    wires.up = false;
    a.people.publish("ada", null);
    a.people.publish("ben", being("ben"));
    await settle();
    wires.up = true;
    expect(b.people.of("ada")).not.toBeNull();
    // The next heartbeat reveals the missing update.
    await vi.advanceTimersByTimeAsync(TTL_MS / 3 + 100);
    expect(b.people.of("ada")).toBeNull();
    expect(b.people.of("ben")).not.toBeNull();
  });

  test("again after an outage longer than their time to live", async () => {
    const a = await start("a");
    const b = await start("b");
    a.people.publish("ada", being("ada"));
    await settle();
    wires.up = false;
    await vi.advanceTimersByTimeAsync(2 * TTL_MS);
    expect(b.people.of("ada")).toBeNull();
    wires.up = true;
    await vi.advanceTimersByTimeAsync(2_000);
    expect(b.people.of("ada")).toEqual(being("ada"));
  });

  test("even if the listening instance was blocked meanwhile", async () => {
    const a = await start("a");
    const b = await start("b");
    a.people.publish("ada", being("ada"));
    await settle();
    b.changes.length = 0;
    // All timers of the blocked instance are late, and it has read nothing.
    vi.setSystemTime(Date.now() + 3 * TTL_MS);
    await vi.advanceTimersByTimeAsync(TTL_MS / 20);
    expect(b.people.of("ada")).not.toBeNull();
    expect(b.changes).toEqual([]);
  });
});

test("all values of one event-loop turn are published together, with the last value of each key", async () => {
  const a = makeExchange({ bus: wires.bus(), instanceId: "a", logger });
  const b = makeExchange({ bus: wires.bus(), instanceId: "b", logger });
  const received: [unknown, string][] = [];
  b.on("number", (data, from) => received.push([data, from]));
  for (const exchange of [a, b]) await exchange.start();
  for (let n = 0; n < 1_000; n += 1) a.publish("number", String(n % 10), n);
  await settle();
  expect(wires.sent).toHaveLength(1);
  expect(received).toEqual(Array.from({ length: 10 }, (_, index) => [990 + index, "a"]));
});

test("an outage of the bus is detected, and its end only after the bus has worked for a while", async () => {
  const exchange = makeExchange({ bus: wires.bus(), instanceId: "a", logger });
  await exchange.start();
  let returns = 0;
  exchange.onReconnect(() => {
    returns += 1;
  });
  await vi.advanceTimersByTimeAsync(5_000);
  expect(returns).toBe(0);
  wires.up = false;
  await vi.advanceTimersByTimeAsync(5_000);
  wires.up = true;
  await vi.advanceTimersByTimeAsync(5_000);
  expect(returns).toBe(1);
});

describe("the combined presence of devices", () => {
  test.for([
    [[], null],
    [["ONLINE"], "ONLINE"],
    [["AWAY"], "AWAY"],
    [["AWAY", "ONLINE", "AWAY"], "ONLINE"],
    [["AWAY", "AWAY"], "AWAY"],
  ] as const)("%j is %s", ([statuses, expected]) => {
    const beings = statuses.map((status) => ({ status, invisible: false }));
    expect(combineDevices(beings)?.status ?? null).toBe(expected);
  });

  test("is invisible if any device is, and then hidden from others", () => {
    const hidden = combineDevices([
      { status: "ONLINE", invisible: false },
      { status: "AWAY", invisible: true },
    ]);
    expect(hidden).toEqual({ status: "ONLINE", invisible: true });
    expect(isShownToOthers(hidden)).toBe(false);
    expect(isShownToOthers(combineDevices([{ status: "AWAY", invisible: false }]))).toBe(true);
    expect(isShownToOthers(null)).toBe(false);
  });

  test("is away by the user's choice, or after inactivity", () => {
    expect(statusOfDevice({ isSetAway: false, idle: false })).toBe("ONLINE");
    expect(statusOfDevice({ isSetAway: true, idle: false })).toBe("AWAY");
    expect(statusOfDevice({ isSetAway: false, idle: true })).toBe("AWAY");
  });
});
