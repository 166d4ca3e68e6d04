import pg from "pg";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createDatabase } from "../kit/database.ts";
import { countStatements, type StatementCount } from "../api/statements.ts";
import type { Room } from "../kit/documents.ts";
import { eventually } from "../kit/eventually.ts";
import { onRelease } from "../kit/resources.ts";
import { seedOn, type Actor, type Seed } from "../kit/seed.ts";
import {
  CONVERSATION_PRESENCE,
  PRESENCE,
  SET_PRESENCE,
  type Presence,
  type PresenceChange,
} from "../kit/signal-documents.ts";
import { startServer } from "../kit/server.ts";
import { connect, type Socket, type Subscription, type Variables } from "../kit/socket.ts";
import { subscribeSse } from "../kit/sse.ts";
import { startInProcess, type InProcess } from "./in-process.ts";

/** Longer than the grace period after a user's last connection. */
const GONE_MS = 6_000;

const OF_USER = /* GraphQL */ `
  query OfUser($name: String!) {
    user(username: $name) {
      presence {
        status
        lastSeenAt
        invisible
      }
    }
  }
`;
const OWN = "{ viewer { presence { status invisible } } }";

let statements: StatementCount;
let server: InProcess;
let seed: Seed;
/** The user who observes presence. */
let watcher: Actor;
let ada: Actor;
let adaId: string;
let stories = 0;
let room: Room;
let open: { close(): Promise<unknown> }[] = [];

beforeAll(async () => {
  statements = countStatements();
  server = await startInProcess({ PRESENCE_IDLE_SECONDS: "2" });
  seed = seedOn(server);
});

beforeEach(async () => {
  for (const stream of open) await stream.close();
  open = [];
  stories += 1;
  watcher = seed.user(`watcher-${stories}`);
  ada = seed.user(`ada-${stories}`);
  adaId = (await ada.signsUp()).user.id;
  room = await watcher.createsRoom(`Room ${stories}`);
  await ada.joins(room);
});

/** A user's device: a session and its open socket. */
interface Device {
  token: string;
  socket: Socket;
  says(input: Variables): Promise<Presence>;
}

async function device(person: Actor): Promise<Device> {
  const { token } = await (await person.client()).logIn(person.username);
  const socket = await connect(server, { token });
  open.push(socket);
  return {
    token,
    socket,
    says: async (input) => {
      const { data } = await socket.execute<{
        setPresence: { __typename: string; presence: Presence };
      }>(SET_PRESENCE, { input });
      expect(data?.setPresence.__typename).toBe("SetPresencePayload");
      return data?.setPresence.presence as Presence;
    },
  };
}

async function follow(
  person: Actor,
  query: string,
  variables: Variables,
): Promise<Subscription<PresenceChange>> {
  const stream = await (await person.client()).subscribe<PresenceChange>({ query, variables });
  open.push(stream);
  return stream;
}

const statusesOf = (stream: { all: readonly PresenceChange[] }, name: string): string[] =>
  stream.all.filter(({ user }) => user.username === name).map(({ presence }) => presence.status);

const next = (stream: Subscription<PresenceChange>, status: string): Promise<PresenceChange> =>
  stream.next(
    ({ user, presence }) => user.username === ada.username && presence.status === status,
    GONE_MS,
  );

async function seenBy(person: Actor): Promise<Presence> {
  const { user } = await person.query<{ user: { presence: Presence } }>(OF_USER, {
    name: ada.username,
  });
  return user.presence;
}

describe("a user", () => {
  test("is online with a socket or SSE, and offline shortly after", async () => {
    const stream = await follow(watcher, PRESENCE, { ids: [adaId] });
    expect(await next(stream, "OFFLINE")).toEqual({
      user: { id: adaId, username: ada.username },
      presence: { status: "OFFLINE", lastSeenAt: null, invisible: false },
    });
    const { socket } = await device(ada);
    expect((await next(stream, "ONLINE")).presence.lastSeenAt).toBeNull();
    expect(await seenBy(watcher)).toEqual({ status: "ONLINE", lastSeenAt: null, invisible: false });
    const before = Date.now();
    await socket.close();
    const gone = await next(stream, "OFFLINE");
    const at = Date.parse(gone.presence.lastSeenAt ?? "");
    expect(at).toBeGreaterThanOrEqual(before);
    expect(at).toBeLessThanOrEqual(Date.now());
    expect(await seenBy(watcher)).toEqual(gone.presence);
    const { token } = await ada.signsUp();
    const request = await subscribeSse(server, { token });
    await next(stream, "ONLINE");
    request.complete();
    await next(stream, "OFFLINE");
  });

  test("who reconnects soon never appears offline", async () => {
    const { socket } = await device(ada);
    const stream = await follow(watcher, PRESENCE, { ids: [adaId] });
    await next(stream, "ONLINE");
    await socket.cut();
    const again = await device(ada);
    await again.says({ status: "AWAY" });
    await next(stream, "AWAY");
    expect(statusesOf(stream, ada.username)).toEqual(["ONLINE", "AWAY"]);
  });

  test("is online with one of several devices, and away if all are", async () => {
    const [laptop, phone] = [await device(ada), await device(ada)];
    const stream = await follow(watcher, PRESENCE, { ids: [adaId] });
    await next(stream, "ONLINE");
    expect((await laptop.says({ status: "AWAY" })).status).toBe("ONLINE");
    expect((await phone.says({ status: "AWAY" })).status).toBe("AWAY");
    await next(stream, "AWAY");
    expect((await phone.says({ status: "ONLINE" })).status).toBe("ONLINE");
    await next(stream, "ONLINE");
    await phone.socket.close();
    await next(stream, "AWAY");
    await laptop.socket.close();
    await next(stream, "OFFLINE");
    expect(statusesOf(stream, ada.username)).toEqual([
      "ONLINE",
      "AWAY",
      "ONLINE",
      "AWAY",
      "OFFLINE",
    ]);
  });

  test("keeps the chosen status when the device reconnects", async () => {
    const phone = await device(ada);
    await phone.says({ status: "AWAY" });
    await phone.socket.cut();
    const socket = await connect(server, { token: phone.token });
    open.push(socket);
    await eventually(async () =>
      expect(await socket.execute(OWN)).toEqual({
        data: { viewer: { presence: { status: "AWAY", invisible: false } } },
      }),
    );
  });

  test("is away after inactivity, and online after the next operation", async () => {
    const { socket } = await device(ada);
    const stream = await follow(watcher, PRESENCE, { ids: [adaId] });
    await next(stream, "AWAY");
    await socket.execute(OWN);
    await next(stream, "ONLINE");
    expect(statusesOf(stream, ada.username)).toEqual(["ONLINE", "AWAY", "ONLINE"]);
  });

  test("must pass a status or invisibility to setPresence", async () => {
    expect(await ada.mutate(SET_PRESENCE, { input: {} })).toMatchObject({ code: "INVALID_INPUT" });
  });
});

describe("an invisible user", () => {
  test("appears offline to others, and sees the true state on all devices", async () => {
    const phone = await device(ada);
    const [stream, own, members] = [
      await follow(watcher, PRESENCE, { ids: [adaId] }),
      await follow(ada, PRESENCE, { ids: [adaId] }),
      await follow(watcher, CONVERSATION_PRESENCE, { id: room.id }),
    ];
    for (const each of [stream, own, members]) await next(each, "ONLINE");
    expect(await phone.says({ invisible: true })).toEqual({ status: "ONLINE", invisible: true });
    const gone = await next(stream, "OFFLINE");
    await next(members, "OFFLINE");
    expect(gone.presence.invisible).toBe(false);
    await own.next(({ presence }) => presence.invisible);
    // Actions of an invisible user send no signal, and do not change the last-seen time.
    await phone.says({ status: "AWAY" });
    await phone.says({ status: "ONLINE" });
    await ada.says(room, "still here");
    expect(await seenBy(watcher)).toEqual(gone.presence);
    expect(await seenBy(ada)).toEqual(gone.presence);
    expect(await ada.query(OWN)).toEqual({
      viewer: { presence: { status: "ONLINE", invisible: true } },
    });
    // Invisibility persists over reconnects.
    await phone.socket.close();
    await own.close();
    await eventually(() => expect(server.app.counts().people).toBe(1), { timeoutMs: GONE_MS });
    const again = await device(ada);
    expect((await again.socket.execute(OWN)).data).toMatchObject({
      viewer: { presence: { invisible: true } },
    });
    expect(await seenBy(watcher)).toEqual(gone.presence);
    await again.says({ invisible: false });
    for (const each of [stream, members]) await next(each, "ONLINE");
    for (const each of [stream, members])
      expect(statusesOf(each, ada.username)).toEqual(["ONLINE", "OFFLINE", "ONLINE"]);
  });

  test("was last seen at the time of the change, however long its write takes", async () => {
    const phone = await device(ada);
    const stream = await follow(watcher, PRESENCE, { ids: [adaId] });
    await next(stream, "ONLINE");
    const holder = new pg.Client({ connectionString: server.database.url });
    onRelease(() => holder.end());
    await holder.connect();
    await holder.query(`BEGIN; LOCK TABLE "Presence" IN SHARE ROW EXCLUSIVE MODE`);
    const hiding = phone.says({ invisible: true });
    await eventually(async () => {
      const waiting = await server.database.query(
        `SELECT 1 FROM pg_stat_activity WHERE datname = current_database()
           AND wait_event_type = 'Lock' AND query LIKE '%EXCLUDED.invisible%'`,
      );
      expect(waiting).toHaveLength(1);
    });
    await holder.query("COMMIT");
    await hiding;
    const { presence } = await next(stream, "OFFLINE");
    const [stored] = await server.database.query<{ lastSeenAt: Date }>(
      `SELECT "lastSeenAt" FROM "Presence" p JOIN "User" u ON u.id = p."userId" WHERE u.username = $1`,
      [ada.username],
    );
    expect(stored?.lastSeenAt.toISOString()).toBe(presence.lastSeenAt);
  });

  test("does not count as online", async () => {
    const { says } = await device(ada);
    await follow(watcher, PRESENCE, { ids: [] });
    const query = /* GraphQL */ `
      query Here($id: ID!) {
        node(id: $id) {
          ... on Room {
            onlineCount
            members(online: true, first: 1) {
              edges {
                node {
                  user {
                    username
                  }
                }
              }
              pageInfo {
                hasNextPage
              }
            }
          }
        }
      }
    `;
    const here = async (): Promise<unknown> => await watcher.query(query, { id: room.id });
    const first = { edges: [{ node: { user: { username: watcher.username } } }] };
    await eventually(async () =>
      expect(await here()).toEqual({
        node: { onlineCount: 2, members: { ...first, pageInfo: { hasNextPage: true } } },
      }),
    );
    await says({ invisible: true });
    expect(await here()).toEqual({
      node: { onlineCount: 1, members: { ...first, pageInfo: { hasNextPage: false } } },
    });
  });
});

describe("a conversation's presence", () => {
  test("starts with connected members, then sends changes, also of new members", async () => {
    const { says } = await device(ada);
    const late = seed.user(`late-${stories}`);
    const lateDevice = await device(late);
    const stream = await follow(watcher, CONVERSATION_PRESENCE, { id: room.id });
    await next(stream, "ONLINE");
    await eventually(() =>
      expect(stream.all.map(({ user }) => user.username).sort()).toEqual([
        ada.username,
        watcher.username,
      ]),
    );
    await lateDevice.says({ status: "AWAY" });
    await late.joins(room);
    await stream.next(
      ({ user, presence }) => user.username === late.username && presence.status === "AWAY",
    );
    await late.leaves(room);
    await lateDevice.says({ status: "ONLINE" });
    await says({ status: "AWAY" });
    await next(stream, "AWAY");
    expect(statusesOf(stream, late.username)).toEqual(["AWAY"]);
  });

  test("is for members, and ends with the membership", async () => {
    const stranger = seed.user(`stranger-${stories}`);
    await stranger.signsUp();
    const hidden = await watcher.createsRoom(`Hidden ${stories}`, { visibility: "PRIVATE" });
    for (const [id, code] of [
      [hidden.id, "NOT_FOUND"],
      [room.id, "NOT_A_MEMBER"],
    ] as const) {
      const refused = await follow(stranger, CONVERSATION_PRESENCE, { id });
      expect((await refused.ended).errors).toMatchObject([{ extensions: { code } }]);
    }
    const stream = await follow(ada, CONVERSATION_PRESENCE, { id: room.id });
    await next(stream, "ONLINE");
    await ada.leaves(room);
    expect(await stream.ended).toEqual({});
  });
});

describe("the presence of users", () => {
  test("is rejected for missing users, other ids, or too many", async () => {
    const missing = Buffer.from(`User:${crypto.randomUUID()}`).toString("base64");
    const table = [
      [[adaId, missing], "NOT_FOUND"],
      [[room.id], "INVALID_INPUT"],
      [
        Array.from({ length: 201 }, () =>
          Buffer.from(`User:${crypto.randomUUID()}`).toString("base64"),
        ),
        "INVALID_INPUT",
      ],
    ] as const;
    for (const [ids, code] of table) {
      const { errors } = await (await follow(watcher, PRESENCE, { ids })).ended;
      expect(errors).toMatchObject([{ extensions: { code } }]);
      const { token } = await watcher.signsUp();
      const request = await subscribeSse(server, { token, query: PRESENCE, variables: { ids } });
      expect((await request.ended).errors).toMatchObject([{ extensions: { code } }]);
    }
  });

  test("is executed once for all subscribers", async () => {
    const others = await follow(ada, PRESENCE, { ids: [(await watcher.signsUp()).user.id] });
    const stream = await follow(watcher, PRESENCE, { ids: [adaId] });
    await others.next();
    await stream.next();
    expect(server.app.counts()).toMatchObject({ signals: 2, groups: 1 });
  });

  test("writes nothing to the log and needs no database statement per signal", async () => {
    const { says } = await device(ada);
    const members = await follow(watcher, CONVERSATION_PRESENCE, { id: room.id });
    const stream = await follow(watcher, PRESENCE, { ids: [adaId] });
    for (const each of [stream, members]) await next(each, "ONLINE");
    const cursor = async (): Promise<unknown> => watcher.query("{ viewer { cursor } }");
    const before = await cursor();
    const costs: number[] = [];
    // Background statements of the instance can only add to the count, so the minimum is the cost of the
    // signals.
    for (let turn = 0; turn < 5; turn += 1) {
      statements.clear();
      for (const status of ["AWAY", "ONLINE"]) {
        await says({ status });
        for (const each of [stream, members]) await next(each, status);
      }
      costs.push(statements.texts.length);
    }
    expect(Math.min(...costs), statements.texts.join("\n")).toBe(0);
    expect(await cursor()).toEqual(before);
  });

  test("of a page of members needs no statement per member", async () => {
    const people = Array.from({ length: 12 }, (_, index) => seed.user(`page-${stories}-${index}`));
    for (const person of people) await person.joins(room);
    const costs: number[] = [];
    for (const first of [2, 14, 2, 14, 2, 14]) {
      statements.clear();
      await watcher.query(
        `query($id: ID!, $first: Int!) { node(id: $id) { ... on Room { onlineCount members(first: $first) { edges { node { user { presence { status lastSeenAt } } } } } } } }`,
        { id: room.id, first },
      );
      costs.push(statements.texts.length);
    }
    const least = (offset: number): number =>
      Math.min(...costs.filter((_, index) => index % 2 === offset));
    expect(least(1), statements.texts.join("\n")).toBeLessThanOrEqual(least(0));
  });
});

describe("a slow reader", () => {
  /** Selects some 20 kB per result, so that a receiver that does not read fills its buffer. */
  const WIDE = /* GraphQL */ `
    subscription Wide($ids: [ID!]!) {
      presence(userIds: $ids) {
        user { username }
        presence {
          status
          ${Array.from({ length: 50 }, (_, index) => `field_${"x".repeat(380)}_${index}: status`).join("\n")}
        }
      }
    }
  `;

  test("gets the newest state, and its socket is not closed because of earlier ones", async () => {
    const { says } = await device(ada);
    const stream = await follow(watcher, WIDE, { ids: [adaId] });
    await next(stream, "ONLINE");
    stream.socket.pause();
    const rounds = 600;
    for (let round = 0; round < rounds; round += 1) {
      await says({ status: "AWAY" });
      await says({ status: "ONLINE" });
    }
    await says({ status: "AWAY" });
    stream.socket.resume();
    await eventually(() => expect(stream.all.at(-1)?.presence.status).toBe("AWAY"), {
      timeoutMs: 10_000,
    });
    const received = stream.all.length;
    await says({ status: "ONLINE" });
    await next(stream, "ONLINE");
    expect(stream.isEnded).toBe(false);
    expect(received).toBeGreaterThan(2);
    expect(received).toBeLessThan(2 * rounds);
  }, 60_000);
});

test("last-seen times survive a restart, also of users who were connected until then", async () => {
  const restarted = await startServer({ databaseUrl: (await createDatabase()).url });
  const people = seedOn(restarted);
  const [gone, there, looking] = [
    people.user("gone"),
    people.user("there"),
    people.user("looking"),
  ];
  const socketOf = async (person: Actor): Promise<Socket> =>
    connect(restarted, { token: (await person.signsUp()).token });
  const lastSeen = async (person: Actor): Promise<Presence> => {
    const { user } = await looking.query<{ user: { presence: Presence } }>(OF_USER, {
      name: person.username,
    });
    return user.presence;
  };
  const began = Date.now();
  await (await socketOf(gone)).close();
  await socketOf(there);
  const before = await eventually(
    async () => {
      const presence = await lastSeen(gone);
      return presence.lastSeenAt !== null && presence;
    },
    { timeoutMs: GONE_MS },
  );
  await restarted.restart();
  expect(await lastSeen(gone)).toEqual(before);
  const { status, lastSeenAt } = await lastSeen(there);
  expect(status).toBe("OFFLINE");
  expect(Date.parse(lastSeenAt ?? "")).toBeGreaterThanOrEqual(began);
});
