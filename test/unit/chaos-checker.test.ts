import { describe, expect, test } from "vitest";
import { check, type Rule } from "../chaos/checker.ts";
import type { Entry, Observation, ObservedEvent } from "../chaos/history.ts";

const GRACE_MS = 5_000;
const ROOM = "room";
/** Time between two entries, in milliseconds. */
const STEP_MS = 40;

/** Returns the violated rules of a history, without the details. */
function rules(entries: readonly Entry[]): Rule[] {
  return [...new Set(check(entries, { presenceGraceMs: GRACE_MS }).map(({ rule }) => rule))];
}

/** A message as all observers report it: the n-th of the room, at log position 10 n. */
function message(
  number: number,
): ObservedEvent & { message: string; seq: number; clientId: string } {
  return {
    position: 10 * number,
    type: "MessageSent",
    conversation: ROOM,
    message: `message-${number}`,
    seq: number,
    clientId: `client-id-${number}`,
    author: "ada",
  };
}

const leaves = (position: number): ObservedEvent => ({
  position,
  type: "MemberLeft",
  conversation: ROOM,
  subject: "cleo",
});
const rejoins: ObservedEvent = {
  position: 63,
  type: "MemberJoined",
  conversation: ROOM,
  subject: "cleo",
};
const ended: ObservedEvent = { position: 65, type: "SessionEnded", session: "session-of-ben-2" };

const sent = (number: number): Observation[] => {
  const { clientId, position, seq, message: id } = message(number);
  const whose = { client: "ada-1", person: "ada", conversation: ROOM, clientId };
  return [
    { kind: "sent", ...whose },
    { kind: "acknowledged", ...whose, message: id, seq, position },
  ];
};
const received = (client: string, event: ObservedEvent, epoch = 1): Observation => ({
  kind: "received",
  client,
  epoch,
  ...event,
});
const opened = (client: string, position: number, epoch = 1): Observation => ({
  kind: "opened",
  client,
  epoch,
  instance: "a",
  position,
});
const closed = (client: string, epoch = 1): Observation => ({
  kind: "closed",
  client,
  epoch,
  reason: "cut",
});
const arrived = (client: string, person: string): Observation => ({
  kind: "arrived",
  client,
  person,
  through: "socket",
  session: `session-of-${client}`,
});
/** A read of the messages up to `upTo`, requested after `asked` entries. */
const read = (upTo: number, asked: number, whole = false): Observation => ({
  kind: "read",
  person: "ben",
  conversation: ROOM,
  instance: "b",
  asked: STEP_MS * asked,
  whole,
  lastSeq: upTo,
  messages: Array.from({ length: upTo }, (_, index) => {
    const { message: id, seq, clientId } = message(index + 1);
    return { message: id, seq, clientId };
  }),
});
const logged = (event: ObservedEvent, topic = ROOM): Observation => ({
  kind: "logged",
  topic,
  ...event,
});

/**
 * Ada writes seven messages. Ben receives them with one client whose connection is cut after the second,
 * and with another whose session ends at 65. Cleo is removed at 51 and joins again at 63.
 */
function story(): Observation[] {
  return [
    ...["ada", "ben", "cleo"].map((person): Observation => ({
      kind: "member",
      person,
      conversation: ROOM,
      position: 1,
    })),
    arrived("ada-1", "ada"),
    arrived("ben-1", "ben"),
    arrived("ben-2", "ben"),
    arrived("cleo-1", "cleo"),
    ...["ada-1", "ben-1", "ben-2", "cleo-1"].map((client) => opened(client, 5)),
    ...[1, 2].flatMap((number) => [
      ...sent(number),
      ...["ada-1", "ben-1", "ben-2", "cleo-1"].map((client) => received(client, message(number))),
    ]),
    closed("ben-1"),
    ...[3, 4, 5].flatMap((number) => [
      ...sent(number),
      ...["ada-1", "ben-2", "cleo-1"].map((client) => received(client, message(number))),
    ]),
    opened("ben-1", 20, 2),
    ...[3, 4, 5].map((number) => received("ben-1", message(number), 2)),
    read(5, 30),
    { kind: "removing", person: "cleo", conversation: ROOM },
    received("cleo-1", leaves(51)),
    ...["ada-1", "ben-2"].map((client) => received(client, leaves(52))),
    received("ben-1", leaves(52), 2),
    ...sent(6),
    ...["ada-1", "ben-2"].map((client) => received(client, message(6))),
    received("ben-1", message(6), 2),
    { kind: "rejoining", person: "cleo", conversation: ROOM },
    ...["ada-1", "ben-2", "cleo-1"].map((client) => received(client, rejoins)),
    received("ben-1", rejoins, 2),
    { kind: "revoking", session: "session-of-ben-2" },
    received("ben-1", ended, 2),
    received("ben-2", ended),
    closed("ben-2"),
    { kind: "left", client: "ben-2" },
    ...sent(7),
    ...["ada-1", "cleo-1"].map((client) => received(client, message(7))),
    received("ben-1", message(7), 2),
    { kind: "quiet", client: "cleo-1", epoch: 1, position: 75 },
    read(7, 100, true),
    { kind: "unread", person: "ben", conversation: ROOM, kept: 7, recounted: 7 },
    { kind: "seen", person: "ben", instance: "a", asked: 67, status: "ONLINE" },
    { kind: "seen", person: "nobody", instance: "a", asked: 67, status: "OFFLINE" },
    ...[1, 2, 3, 4, 5, 6, 7].map((number) => logged(message(number))),
    logged(leaves(51), "cleo"),
    logged(leaves(52)),
    logged(rejoins),
    logged(ended, "ben"),
  ];
}

/** Returns the story with one change and with a time for each entry. */
function history(change: (story: Observation[]) => Observation[] = (same) => same): Entry[] {
  return change(story()).map((observation, index) => ({ at: STEP_MS * index, ...observation }));
}

const isReceived = (client: string, position: number) => (entry: Observation) =>
  entry.kind === "received" && entry.client === client && entry.position === position;

/** Removes the matching entries. At least one must match. */
function without(matches: (entry: Observation) => boolean): Entry[] {
  return history((all) => {
    const rest = all.filter((entry) => !matches(entry));
    expect(rest.length).toBeLessThan(all.length);
    return rest;
  });
}

/** Inserts entries directly after the matching one. */
function behind(matches: (entry: Observation) => boolean, ...more: Observation[]): Entry[] {
  return history((all) => {
    const index = all.findLastIndex(matches);
    expect(index).not.toBe(-1);
    return all.toSpliced(index + 1, 0, ...more);
  });
}

/** Replaces the matching entries. */
function instead(
  matches: (entry: Observation) => boolean,
  change: (entry: Observation) => Observation,
): Entry[] {
  return history((all) => {
    expect(all.some(matches)).toBe(true);
    return all.map((entry) => (matches(entry) ? change(entry) : entry));
  });
}

test("a correct history has no violations", () => {
  expect(check(history(), { presenceGraceMs: GRACE_MS })).toEqual([]);
});

describe("the checker finds", () => {
  test("an acknowledged message that the log lacks", () => {
    expect(rules(without((entry) => entry.kind === "logged" && entry.position === 40))).toEqual([
      "lost",
    ]);
  });

  test("an acknowledged message that a later history page lacks", () => {
    const shortened = instead(
      (entry) => entry.kind === "read" && entry.whole,
      (entry) =>
        entry.kind === "read" ? { ...entry, messages: entry.messages.slice(0, 6) } : entry,
    );
    expect(rules(shortened)).toEqual(["lost"]);
  });

  test("an acknowledged change other than a message that the log lacks", () => {
    const change: Observation = {
      kind: "changed",
      person: "ada",
      conversation: ROOM,
      position: 66,
    };
    expect(rules(history((all) => [...all, change]))).toEqual(["lost"]);
    const pin: ObservedEvent = {
      position: 66,
      type: "MessagePinned",
      conversation: ROOM,
      message: "m",
    };
    expect(
      rules(
        behind(
          isReceived("ada-1", 63),
          change,
          logged(pin),
          received("ada-1", pin),
          received("cleo-1", pin),
          received("ben-1", pin, 2),
        ),
      ).includes("lost"),
    ).toBe(false);
  });

  test("an acknowledged message that a member did not receive", () => {
    expect(rules(without(isReceived("ada-1", 30)))).toEqual(["missing"]);
  });

  test("a missed message at the very end, without a later event", () => {
    expect(rules(without(isReceived("ben-1", 70)))).toEqual(["missing"]);
  });

  test("a missed message of a client that has disconnected since", () => {
    expect(rules(without(isReceived("ben-2", 30)))).toEqual(["missing"]);
  });

  test("a missed message of a user who was removed later", () => {
    expect(rules(without(isReceived("cleo-1", 30)))).toEqual(["missing"]);
    expect(rules(without(isReceived("cleo-1", 50)))).toEqual(["missing"]);
  });

  test("events missed while the connection was cut", () => {
    expect(rules(without(isReceived("ben-1", 30)))).toEqual(["missing"]);
  });

  test("an event other than a message that a member did not receive", () => {
    expect(rules(without(isReceived("ben-1", 63)))).toEqual(["missing"]);
  });

  test("a missed event that another client received, if the log was not read", () => {
    const unread = history((all) => all.filter(({ kind }) => kind !== "logged"));
    expect(rules(unread)).toEqual([]);
    const missing = unread.filter((entry) => !isReceived("ada-1", 30)(entry));
    expect(rules(missing)).toEqual(["missing"]);
  });

  test("an event delivered twice, immediately and after a reconnect", () => {
    const twice = received("ada-1", message(3));
    expect(rules(behind(isReceived("ada-1", 30), twice))).toEqual(["duplicate"]);
    const again = received("ben-1", message(2), 2);
    const resumed = (entry: Observation): boolean => entry.kind === "opened" && entry.epoch === 2;
    expect(rules(behind(resumed, again))).toEqual(["duplicate"]);
  });

  test("a message delivered twice, at two positions", () => {
    const moved = received("ada-1", { ...message(3), position: 35 });
    expect(rules(behind(isReceived("ada-1", 30), moved))).toContain("duplicate");
  });

  test("two messages in a different order at one client", () => {
    const [third, fourth] = [message(3), message(4)];
    const swapped = history((all) =>
      all.map((entry) => {
        if (isReceived("ada-1", 30)(entry)) return received("ada-1", { ...fourth, position: 30 });
        if (isReceived("ada-1", 40)(entry)) return received("ada-1", { ...third, position: 40 });
        return entry;
      }),
    );
    expect(rules(swapped)).toContain("order");
  });

  test("message numbers that do not increase with the log", () => {
    const all = history((entries) =>
      entries.map((entry) => ("seq" in entry && entry.seq === 4 ? { ...entry, seq: 2 } : entry)),
    );
    expect(rules(all)).toContain("order");
  });

  test("a message acknowledged at a different position than delivered", () => {
    const other = instead(
      (entry) => entry.kind === "acknowledged" && entry.position === 30,
      (entry) => ({ ...entry, position: 31 }) as Observation,
    );
    expect(rules(other)).toEqual(["order"]);
  });

  test("a position that decreases: an event, a heartbeat, a new stream", () => {
    const late = history((all) => {
      const rest = all.filter((entry) => !isReceived("ada-1", 30)(entry));
      const index = rest.findIndex(isReceived("ada-1", 40));
      return rest.toSpliced(index + 1, 0, received("ada-1", message(3)));
    });
    expect(rules(late)).toEqual(["backwards"]);
    const heartbeat: Observation = { kind: "quiet", client: "ada-1", epoch: 1, position: 12 };
    expect(rules(behind(isReceived("ada-1", 30), heartbeat))).toEqual(["backwards"]);
    const stale = instead(
      (entry) => entry.kind === "opened" && entry.epoch === 2,
      () => opened("ben-1", 10, 2),
    );
    expect(rules(stale)).toEqual(["backwards"]);
  });

  test("an event after a removal", () => {
    const isRemoved = isReceived("cleo-1", 51);
    expect(rules(behind(isRemoved, received("cleo-1", message(6))))).toEqual(["trespass"]);
    expect(rules(behind(isRemoved, received("cleo-1", leaves(52))))).toEqual(["trespass"]);
  });

  test("no violation if a replay shows returning members the messages sent meanwhile", () => {
    const replay = history((all) => {
      const rest = all.filter((entry) => !isReceived("cleo-1", 63)(entry));
      const index = rest.findIndex(({ kind }) => kind === "rejoining");
      return rest.toSpliced(
        index + 1,
        0,
        closed("cleo-1"),
        opened("cleo-1", 51, 2),
        received("cleo-1", message(6), 2),
        received("cleo-1", rejoins, 2),
      );
    });
    expect(rules(replay)).toEqual([]);
  });

  test("no violation if a removed user's stream lacks earlier missed events", () => {
    const away = history((all) => {
      const rest = all.filter(
        (entry) => !isReceived("cleo-1", 40)(entry) && !isReceived("cleo-1", 50)(entry),
      );
      const removed = rest.findIndex(isReceived("cleo-1", 51));
      const back = [opened("cleo-1", 30, 2), received("cleo-1", leaves(51), 2)];
      const index = rest.findIndex(isReceived("cleo-1", 30));
      return rest
        .toSpliced(removed, 1, ...back)
        .toSpliced(index + 1, 0, closed("cleo-1"))
        .map((entry) =>
          isReceived("cleo-1", 63)(entry) || isReceived("cleo-1", 70)(entry)
            ? ({ ...entry, epoch: 2 } as Observation)
            : entry,
        );
    });
    expect(rules(away)).toEqual([]);
  });

  test("an event after the end of the session", () => {
    expect(rules(behind(isReceived("ben-2", 65), received("ben-2", message(7))))).toEqual([
      "trespass",
    ]);
  });

  test("a second message with one client id: acknowledged, or only in the log", () => {
    const { clientId } = message(3);
    const whose = { client: "ada-1", person: "ada", conversation: ROOM, clientId };
    const again: Observation = { kind: "acknowledged", ...whose, message: "message-4", seq: 4 };
    expect(rules(history((all) => [...all, again]))).toEqual(["second result"]);
    const stored = { ...message(8), clientId };
    expect(rules(history((all) => [...all, logged(stored, "nobody")]))).toEqual(["second result"]);
  });

  test("an unread count that differs from a fresh count", () => {
    const wrong = instead(
      ({ kind }) => kind === "unread",
      (entry) => ({ ...entry, kept: 6 }) as Observation,
    );
    expect(rules(wrong)).toEqual(["unread"]);
  });

  test("a ghost session after the grace period", () => {
    const seen = (status: string): Observation => ({
      kind: "seen",
      person: "ben",
      instance: "b",
      asked: GRACE_MS + 5_000,
      status,
    });
    const gone = history((all) => [...all, { kind: "left", client: "ben-1" }]);
    const at = (time: number, observation: Observation): Entry => ({ at: time, ...observation });
    const after = GRACE_MS + 5_001;
    expect(rules([...gone, at(after, seen("ONLINE"))])).toEqual(["ghost"]);
    expect(rules([...gone, at(after, seen("AWAY"))])).toEqual(["ghost"]);
    expect(rules([...gone, at(after, seen("OFFLINE"))])).toEqual([]);
    expect(rules([...gone, at(4_001, { ...seen("ONLINE"), asked: 4_000 } as Observation)])).toEqual(
      [],
    );
    const never = { ...seen("ONLINE"), person: "nobody" } as Observation;
    expect(rules([...gone, at(after, never)])).toEqual(["ghost"]);
  });

  test("a read that lacks a write acknowledged before it", () => {
    const asked = history().length;
    expect(rules(history((all) => [...all, read(6, asked)]))).toEqual(["stale read"]);
    const holed = read(7, asked);
    if (holed.kind === "read") holed.messages.splice(3, 1);
    expect(rules(history((all) => [...all, holed]))).toEqual(["stale read"]);
  });

  test("no violation if a read was requested before the write was acknowledged", () => {
    expect(rules(history((all) => [...all, read(2, 13)]))).toEqual([]);
  });

  test("an event that a client did not receive because the server could not send it", () => {
    const gap: Observation = {
      kind: "gap",
      client: "ada-1",
      epoch: 1,
      position: 70,
      reason: "TOO_LONG",
    };
    expect(rules(behind(isReceived("ada-1", 70), gap))).toEqual(["gap"]);
  });

  test("a crashed instance, and a response that reports a bug", () => {
    const died: Observation = { kind: "broke", instance: "a", what: "ended with code 1" };
    expect(rules(history((all) => [...all, died]))).toEqual(["broken"]);
    const bug: Observation = {
      kind: "failed",
      by: "ada-1",
      action: "send",
      code: "INTERNAL_SERVER_ERROR",
      retryable: false,
      why: "Something went wrong on the server.",
    };
    expect(rules(history((all) => [...all, bug]))).toEqual(["broken"]);
  });
});
