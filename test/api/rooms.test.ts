import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { payload } from "../kit/client.ts";
import { createDatabase, type TestDatabase } from "../kit/database.ts";
import {
  CREATE_ROOM,
  JOIN_ROOM,
  LEAVE_ROOM,
  MARK_READ,
  SEND_MESSAGE,
  type CreateRoomResult,
  type JoinRoomResult,
  type LeaveRoomResult,
  type Room,
  type TypedError,
} from "../kit/documents.ts";
import { seedOn, type Actor, type Seed } from "../kit/seed.ts";
import { startServer } from "../kit/server.ts";

const PAGE_SIZE_MAX = 30;

const ROOM = /* GraphQL */ `
  query Room($slug: String!) {
    room(slug: $slug) {
      id
      slug
      name
      topic
      visibility
      kind
      lastSeq
      memberCount
      viewerMembership {
        id
        role
        joinedAt
      }
    }
  }
`;
const ROOMS = /* GraphQL */ `
  query Rooms(
    $search: String
    $sort: RoomSort
    $first: Int
    $after: String
    $last: Int
    $before: String
  ) {
    rooms(
      search: $search
      sort: $sort
      first: $first
      after: $after
      last: $last
      before: $before
    ) {
      pageInfo {
        hasNextPage
        hasPreviousPage
        startCursor
        endCursor
      }
      edges {
        cursor
        node {
          slug
        }
      }
    }
  }
`;
const MEMBERS = /* GraphQL */ `
  query Members($id: ID!, $role: Role, $first: Int, $after: String, $last: Int, $before: String) {
    node(id: $id) {
      ... on Room {
        memberCount
        members(role: $role, first: $first, after: $after, last: $last, before: $before) {
          pageInfo {
            hasNextPage
            hasPreviousPage
            startCursor
            endCursor
          }
          edges {
            cursor
            node {
              id
              role
              user {
                username
              }
            }
          }
        }
      }
    }
  }
`;

interface RoomAnswer {
  room: {
    id: string;
    slug: string;
    memberCount: number;
    lastSeq: number;
    viewerMembership: { id: string; role: string; joinedAt: string } | null;
  } | null;
}
interface PageInfo {
  hasNextPage: boolean;
  hasPreviousPage: boolean;
  startCursor: string | null;
  endCursor: string | null;
}
interface RoomsAnswer {
  rooms: { pageInfo: PageInfo; edges: { cursor: string; node: { slug: string } }[] };
}
interface MembersAnswer {
  node: {
    memberCount: number;
    members: {
      pageInfo: PageInfo;
      edges: { cursor: string; node: { id: string; role: string; user: { username: string } } }[];
    };
  };
}

let database: TestDatabase;
let seed: Seed;
let ada: Actor;
let bob: Actor;

beforeAll(async () => {
  database = await createDatabase();
  const server = await startServer({
    databaseUrl: database.url,
    env: { PAGE_SIZE_MAX: String(PAGE_SIZE_MAX) },
  });
  seed = seedOn(server);
  ada = seed.user("ada");
  bob = seed.user("bob");
});

const create = (who: Actor, input: object): Promise<CreateRoomResult> =>
  who.mutate<CreateRoomResult>(CREATE_ROOM, { input });
const join = (who: Actor, room: { id: string }): Promise<JoinRoomResult> =>
  who.mutate<JoinRoomResult>(JOIN_ROOM, { input: { roomId: room.id } });
const leave = (who: Actor, room: { id: string }): Promise<LeaveRoomResult> =>
  who.mutate<LeaveRoomResult>(LEAVE_ROOM, { input: { roomId: room.id } });

async function roomAs(who: Actor, slug: string): Promise<RoomAnswer["room"]> {
  return (await who.query<RoomAnswer>(ROOM, { slug })).room;
}

async function membersOf(who: Actor, room: { id: string }, page: object = {}) {
  const { node } = await who.query<MembersAnswer>(MEMBERS, { id: room.id, ...page });
  const names = node.members.edges.map((edge) => edge.node.user.username);
  return { ...node, names };
}

async function eventCount(): Promise<number> {
  const [row] = await database.query<{ count: number }>(`SELECT count(*)::int FROM "Event"`);
  return row?.count ?? 0;
}

describe("creating a room", () => {
  test("makes its creator owner and only member", async () => {
    const room = await ada.createsRoom("  Tea  &\tCake ", { topic: " Sweet things " });
    expect(room).toMatchObject({
      slug: "tea-cake",
      name: "Tea & Cake",
      memberCount: 1,
      lastSeq: 0,
    });
    expect(await roomAs(ada, "tea-cake")).toMatchObject({
      id: room.id,
      topic: "Sweet things",
      visibility: "PUBLIC",
      kind: "ROOM",
      viewerMembership: { role: "OWNER" },
    });
    expect((await roomAs(bob, "TEA-Cake"))?.viewerMembership).toBeNull();
    expect((await membersOf(bob, room)).names).toEqual(["ada"]);
  });

  test.for([
    ["Über uns: Größe!", "über-uns-größe"],
    ["日本語 部屋 42", "日本語-部屋-42"],
    ["--C++ / Rust--", "c-rust"],
    ["🦜 Parrots 🦜", "parrots"],
    [`${"a".repeat(63)} b`, "a".repeat(63)],
    ["n".repeat(80), "n".repeat(64)],
    ["Q", "q"],
  ] as const)("named %j gives it the address %j", async ([name, slug]) => {
    expect(await ada.createsRoom(name)).toMatchObject({ name, slug });
  });

  test("accepts a chosen address, in lower case", async () => {
    expect(await ada.createsRoom("My room", { slug: " Some-Where " })).toMatchObject({
      slug: "some-where",
    });
  });

  test.for<[string, object, Record<string, string>]>([
    ["no name", { name: "" }, { name: "REQUIRED" }],
    ["a blank name", { name: " \n " }, { name: "REQUIRED" }],
    ["a name of 81 characters", { name: "n".repeat(81) }, { name: "TOO_LONG" }],
    ["a name with reversed text", { name: "a\u202eb" }, { name: "INVALID_FORMAT" }],
    ["a name with a NUL", { name: "a\u0000b" }, { name: "INVALID_FORMAT" }],
    ["a name without letters, and no address", { name: "!!!" }, { name: "INVALID_FORMAT" }],
    ["a name of blank letters", { name: "\u3164\u3164" }, { name: "INVALID_FORMAT" }],
    ["an empty address", { name: "x", slug: "" }, { slug: "INVALID_FORMAT" }],
    [
      "an address with two dashes in a row",
      { name: "x", slug: "a--b" },
      { slug: "INVALID_FORMAT" },
    ],
    ["an address with a dash at its end", { name: "x", slug: "a-" }, { slug: "INVALID_FORMAT" }],
    ["an address with a slash", { name: "x", slug: "a/b" }, { slug: "INVALID_FORMAT" }],
    ["an address of 65 characters", { name: "x", slug: "s".repeat(65) }, { slug: "TOO_LONG" }],
    ["a topic of 301 characters", { name: "x", topic: "t".repeat(301) }, { topic: "TOO_LONG" }],
    ["a topic with a NUL", { name: "x", topic: "a\u0000" }, { topic: "INVALID_FORMAT" }],
    [
      "several invalid fields",
      { name: "", topic: "t".repeat(301) },
      { name: "REQUIRED", topic: "TOO_LONG" },
    ],
  ])("rejects %s", async ([, input, expected]) => {
    const result = (await create(ada, input)) as TypedError;
    expect(result).toMatchObject({ __typename: "InvalidInputError", code: "INVALID_INPUT" });
    const codes = result.fields?.map(({ field, code }) => [field, code]) ?? [];
    expect(Object.fromEntries(codes)).toEqual(expected);
  });

  test("with a taken address fails for every user, however the address was set", async () => {
    await ada.createsRoom("First Come");
    const events = await eventCount();
    for (const input of [
      { name: "first come" },
      { name: "First, come!" },
      { name: "Other", slug: "FIRST-COME" },
    ]) {
      expect(await create(bob, input)).toMatchObject({
        __typename: "SlugTakenError",
        code: "SLUG_TAKEN",
      });
    }
    expect(await eventCount()).toBe(events);
  });

  test("in parallel with the same address creates one room", async () => {
    const results = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        create(index % 2 === 0 ? ada : bob, { name: "Popular" }),
      ),
    );
    expect(results.map(({ __typename }) => __typename).sort()).toEqual([
      "CreateRoomPayload",
      ...Array.from({ length: 7 }, () => "SlugTakenError"),
    ]);
  });
});

describe("joining", () => {
  test("creates a membership, once", async () => {
    const room = await ada.createsRoom("Joining");
    const joined = payload(await join(bob, room));
    expect(joined).toMatchObject({
      room: { id: room.id, memberCount: 2 },
      membership: { role: "MEMBER", lastReadSeq: 0 },
    });
    expect(await roomAs(bob, "joining")).toMatchObject({
      memberCount: 2,
      viewerMembership: { id: joined.membership.id, role: "MEMBER" },
    });
    const events = await eventCount();
    const again = payload(await join(bob, room));
    expect(again.membership).toEqual(joined.membership);
    expect(again.room.memberCount).toBe(2);
    // An owner who joins again stays owner.
    expect(payload(await join(ada, room)).membership.role).toBe("OWNER");
    expect(await eventCount()).toBe(events);
  });

  test("in parallel creates one membership and one event", async () => {
    const room = await ada.createsRoom("Rush");
    const events = await eventCount();
    const joined = (await Promise.all(Array.from({ length: 10 }, () => join(bob, room)))).map(
      (result) => payload(result),
    );
    expect(new Set(joined.map(({ membership }) => membership.id)).size).toBe(1);
    expect((await membersOf(ada, room)).names).toEqual(["ada", "bob"]);
    expect((await roomAs(ada, "rush"))?.memberCount).toBe(2);
    expect(await eventCount()).toBe(events + 1);
  });

  test("again after leaving returns a new membership", async () => {
    const room = await ada.createsRoom("Return");
    await bob.joins(room);
    const before = await roomAs(bob, "return");
    await bob.leaves(room);
    await ada.says(room, "while bob was away");
    const joined = payload(await join(bob, room));
    expect(joined.membership).toMatchObject({ role: "MEMBER", lastReadSeq: 1 });
    const { viewerMembership } = (await roomAs(bob, "return")) ?? {};
    expect(viewerMembership?.id).toBe(joined.membership.id);
    expect(Date.parse(viewerMembership?.joinedAt ?? "")).toBeGreaterThan(
      Date.parse(before?.viewerMembership?.joinedAt ?? ""),
    );
    const found = await ada.query(`query($id: ID!) { node(id: $id) { __typename id } }`, {
      id: joined.membership.id,
    });
    expect(found).toEqual({ node: { __typename: "Membership", id: joined.membership.id } });
    expect((await membersOf(ada, room)).names).toEqual(["ada", "bob"]);
  });
});

describe("leaving", () => {
  test("ends the membership, once", async () => {
    const room = await ada.createsRoom("Leaving");
    await bob.joins(room);
    expect(payload(await leave(bob, room)).room).toMatchObject({ id: room.id, memberCount: 1 });
    expect((await roomAs(bob, "leaving"))?.viewerMembership).toBeNull();
    expect((await membersOf(ada, room)).names).toEqual(["ada"]);
    const events = await eventCount();
    expect(await leave(bob, room)).toMatchObject({ __typename: "NotAMemberError" });
    expect(await eventCount()).toBe(events);
  });

  test("is rejected for an owner while members remain, and allowed for the last one", async () => {
    const room = await ada.createsRoom("Owned");
    await bob.joins(room);
    expect(await leave(ada, room)).toMatchObject({
      __typename: "OwnerCannotLeaveError",
      code: "OWNER_CANNOT_LEAVE",
    });
    expect((await roomAs(ada, "owned"))?.viewerMembership?.role).toBe("OWNER");
    await bob.leaves(room);
    await ada.leaves(room);
    expect(await roomAs(ada, "owned")).toMatchObject({ memberCount: 0, viewerMembership: null });
  });

  test("makes the next user who joins the empty room its owner", async () => {
    const room = await ada.createsRoom("Handed on");
    await ada.leaves(room);
    expect(payload(await join(bob, room)).membership.role).toBe("OWNER");
    expect(payload(await join(ada, room)).membership.role).toBe("MEMBER");
  });

  test("in parallel with a join never leaves members without an owner", async () => {
    const rooms = await Promise.all(
      Array.from({ length: 6 }, (_, index) => ada.createsRoom(`Contested ${index}`)),
    );
    for (const room of rooms) {
      const [left] = await Promise.all([leave(ada, room), bob.joins(room)]);
      const { names } = await membersOf(ada, room);
      expect(names).toEqual("code" in left ? ["ada", "bob"] : ["bob"]);
      const role = (await roomAs(bob, room.slug))?.viewerMembership?.role;
      expect(role).toBe("code" in left ? "MEMBER" : "OWNER");
    }
  });
});

test("counts are right after many users join and leave in parallel", async () => {
  const people = Array.from({ length: 8 }, (_, index) => seed.user(`mover-${index}`));
  await Promise.all(people.map((person) => person.signsUp()));
  const rooms = await Promise.all(
    ["Moving 1", "Moving 2", "Moving 3"].map((name) => ada.createsRoom(name)),
  );
  await Promise.all(
    people.flatMap((person, index) =>
      rooms.map(async (room) => {
        for (let turn = 0; turn <= index; turn += 1) {
          if (turn % 2 === 0) await person.joins(room);
          else await person.leaves(room);
        }
      }),
    ),
  );
  // Users with an odd number of moves are members.
  const inside = people.filter((_, index) => index % 2 === 0).map(({ username }) => username);
  for (const room of rooms) {
    const { names, memberCount } = await membersOf(ada, room);
    expect(names.sort()).toEqual(["ada", ...inside].sort());
    expect(memberCount).toBe(1 + inside.length);
  }
});

describe("members", () => {
  test("are listed in the order of joining, paged from both ends, and filtered by role", async () => {
    const room = await ada.createsRoom("Members");
    const people = [bob, ...["mover-0", "mover-1", "mover-2"].map((name) => seed.user(name))];
    for (const person of people) await person.joins(room);
    const all = ["ada", ...people.map(({ username }) => username)];
    const first = await membersOf(bob, room, { first: 2 });
    expect(first.names).toEqual(all.slice(0, 2));
    expect(first.members.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
    const second = await membersOf(bob, room, {
      first: 3,
      after: first.members.pageInfo.endCursor,
    });
    expect(second.names).toEqual(all.slice(2));
    expect(second.members.pageInfo.hasNextPage).toBe(false);
    const last = await membersOf(bob, room, { last: 2 });
    expect(last.names).toEqual(all.slice(3));
    expect(last.members.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
    const before = await membersOf(bob, room, {
      last: 2,
      before: last.members.pageInfo.startCursor,
    });
    expect(before.names).toEqual(all.slice(1, 3));
    expect((await membersOf(bob, room, { role: "OWNER" })).names).toEqual(["ada"]);
    expect((await membersOf(bob, room, { role: "MEMBER" })).names).toEqual(all.slice(1));
    expect((await membersOf(bob, room, { role: "MODERATOR" })).names).toEqual([]);
  });
});

describe("a private room", () => {
  let room: Room;
  let secret: { message: string; membership: string };

  beforeAll(async () => {
    room = await ada.createsRoom("Top Secret Garden", { visibility: "PRIVATE", topic: "hidden" });
    const { id } = await ada.says(room, "nobody else may read this");
    const membership = (await roomAs(ada, room.slug))?.viewerMembership?.id ?? "";
    secret = { message: id, membership };
  });

  test("is visible to its member", async () => {
    expect(await roomAs(ada, "top-secret-garden")).toMatchObject({ id: room.id, lastSeq: 1 });
    const found = await ada.query<RoomsAnswer>(ROOMS, { search: "secret" });
    expect(found.rooms.edges.map(({ node }) => node.slug)).toEqual([room.slug]);
  });

  test("is hidden from a stranger's queries", async () => {
    expect(await roomAs(bob, room.slug)).toBeNull();
    for (const search of ["secret", "hidden", room.slug]) {
      expect((await bob.query<RoomsAnswer>(ROOMS, { search })).rooms.edges).toEqual([]);
    }
    const all = await bob.query<RoomsAnswer>(ROOMS, { first: PAGE_SIZE_MAX, sort: "ACTIVITY" });
    expect(all.rooms.edges.map(({ node }) => node.slug)).not.toContain(room.slug);
    const ids = [room.id, secret.message, secret.membership];
    expect(await bob.query(`query($ids: [ID!]!) { nodes(ids: $ids) { id } }`, { ids })).toEqual({
      nodes: [null, null, null],
    });
    for (const id of ids) {
      expect(await bob.query(`query($id: ID!) { node(id: $id) { id } }`, { id })).toEqual({
        node: null,
      });
    }
    const mine = await bob.query<{ viewer: { conversations: { edges: { node: object }[] } } }>(
      `{ viewer { conversations { edges { node { id } } } } }`,
    );
    expect(mine.viewer.conversations.edges).not.toContainEqual({ node: { id: room.id } });
  });

  test("returns the same errors to a stranger as a room that does not exist", async () => {
    const nowhere = Buffer.from(`Conversation:${randomUUID()}`).toString("base64");
    const attempts: [string, (id: string) => object][] = [
      [JOIN_ROOM, (roomId) => ({ roomId })],
      [LEAVE_ROOM, (roomId) => ({ roomId })],
      [SEND_MESSAGE, (conversationId) => ({ conversationId, body: "let me in" })],
      [MARK_READ, (conversationId) => ({ conversationId, seq: 1 })],
    ];
    for (const [document, inputOf] of attempts) {
      const hidden = await bob.mutate(document, { input: inputOf(room.id) });
      expect(hidden).toMatchObject({ __typename: "NotFoundError", code: "NOT_FOUND" });
      expect(await bob.mutate(document, { input: inputOf(nowhere) })).toEqual(hidden);
    }
    expect((await membersOf(ada, room)).names).toEqual(["ada"]);
  });

  test("is hidden from a former member", async () => {
    const other = await bob.createsRoom("Bob's own", { visibility: "PRIVATE" });
    await bob.leaves(other);
    expect(await roomAs(bob, other.slug)).toBeNull();
    expect(await join(bob, other)).toMatchObject({ __typename: "NotFoundError" });
  });
});

describe("the list of rooms", () => {
  /** All public rooms by slug, created for this test; some are equal in every sort key. */
  let slugs: string[];

  beforeAll(async () => {
    const made = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        ada.createsRoom(`Alike ${"abcd"[index % 4] ?? ""}`, {
          slug: `alike-${index}`,
          topic: "paging",
        }),
      ),
    );
    slugs = made.map(({ slug }) => slug);
    // Some have more members, some have later activity.
    await Promise.all(made.slice(0, 12).map((room) => bob.joins(room)));
    await Promise.all(made.slice(6, 15).map((room) => ada.says(room, "hello")));
  });

  interface Slice {
    first?: number;
    after?: string | null;
    last?: number;
    before?: string | null;
  }
  const page = async (sort: string, slice: Slice): Promise<RoomsAnswer["rooms"]> =>
    (await ada.query<RoomsAnswer>(ROOMS, { search: "paging", sort, ...slice })).rooms;
  const slugsOf = ({ edges }: RoomsAnswer["rooms"]): string[] => edges.map(({ node }) => node.slug);

  /** Reads all pages; each must report correctly whether there are more. */
  async function walk(sort: string, direction: "forward" | "backward", size: number) {
    const seen: string[] = [];
    let cursor: string | null = null;
    for (;;) {
      const found: RoomsAnswer["rooms"] = await page(
        sort,
        direction === "forward" ? { first: size, after: cursor } : { last: size, before: cursor },
      );
      const { pageInfo, edges } = found;
      expect(pageInfo.startCursor).toBe(edges[0]?.cursor);
      expect(pageInfo.endCursor).toBe(edges.at(-1)?.cursor);
      if (direction === "forward") seen.push(...slugsOf(found));
      else seen.unshift(...slugsOf(found));
      const more = direction === "forward" ? pageInfo.hasNextPage : pageInfo.hasPreviousPage;
      expect(more).toBe(seen.length < slugs.length);
      if (!more) return seen;
      cursor = direction === "forward" ? pageInfo.endCursor : pageInfo.startCursor;
    }
  }

  test.for(["ACTIVITY", "MEMBERS", "NAME"])(
    "by %s contains every room once, paged from either end",
    async (sort) => {
      const forward = await walk(sort, "forward", 7);
      expect([...forward].sort()).toEqual([...slugs].sort());
      expect(await walk(sort, "backward", 9)).toEqual(forward);
      expect(await walk(sort, "forward", 1)).toEqual(forward);
    },
  );

  test("is in the requested order", async () => {
    const numbers = async (sort: string): Promise<number[]> =>
      (await walk(sort, "forward", 20)).map((slug) => Number(slug.slice("alike-".length)));
    expect((await numbers("MEMBERS")).slice(0, 12).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 12 }, (_, index) => index),
    );
    expect((await numbers("ACTIVITY")).slice(0, 9).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 9 }, (_, index) => index + 6),
    );
    expect((await numbers("NAME")).map((number) => number % 4)).toEqual(
      Array.from({ length: 40 }, (_, index) => Math.floor(index / 10)),
    );
  });

  test("is sorted by activity by default", async () => {
    const { rooms } = await ada.query<RoomsAnswer>(ROOMS, { search: "paging", first: 10 });
    expect(slugsOf(rooms)).toEqual(slugsOf(await page("ACTIVITY", { first: 10 })));
  });

  test("has a maximum page size", async () => {
    const found = await page("NAME", { first: 1_000_000 });
    expect(found.edges).toHaveLength(PAGE_SIZE_MAX);
    expect(found.pageInfo.hasNextPage).toBe(true);
    expect((await page("NAME", { last: 1_000_000 })).edges).toHaveLength(PAGE_SIZE_MAX);
    expect((await page("NAME", {})).edges).toHaveLength(20);
  });

  test("contains no duplicates even if a room moves up between two pages", async () => {
    const first = await page("NAME", { first: 5 });
    await ada.createsRoom("Alike 0", { slug: "alike-new", topic: "paging too" });
    const second = await page("NAME", { first: 5, after: first.pageInfo.endCursor });
    expect(new Set([...slugsOf(first), ...slugsOf(second)]).size).toBe(10);
  });

  test.for([
    ["nonsense", "nonsense"],
    ["of another sort", Buffer.from(`["Alike a","${randomUUID()}"]`).toString("base64url")],
    ["with no id", Buffer.from(`["3","x"]`).toString("base64url")],
    ["of another list", Buffer.from(`[3]`).toString("base64url")],
    ["with a NUL", Buffer.from(`["\\u0000","${randomUUID()}"]`).toString("base64url")],
    ["of the year 0", Buffer.from(`["0000-01-01","${randomUUID()}"]`).toString("base64url")],
    ["of the year 10000", Buffer.from(`["+010000-01-01","${randomUUID()}"]`).toString("base64url")],
  ] as const)("rejects a cursor that is %s as a client error", async ([, after]) => {
    for (const sort of ["MEMBERS", "ACTIVITY"]) {
      const { errors } = await (await ada.client()).send(ROOMS, { sort, first: 2, after });
      expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT" } }]);
    }
  });
});

describe("searching rooms", () => {
  const search = async (text: string): Promise<string[]> =>
    (await bob.query<RoomsAnswer>(ROOMS, { search: text, sort: "NAME" })).rooms.edges.map(
      ({ node }) => node.slug,
    );

  beforeAll(async () => {
    await ada.createsRoom("Zebra Lounge", { topic: "Stripes & 100% cotton" });
    await ada.createsRoom("Quiet corner", { slug: "zebra-corner" });
    await ada.createsRoom("Under_score", { topic: "back\\slash" });
  });

  test.for([
    ["zebra", ["zebra-corner", "zebra-lounge"]],
    ["  ZEBRA ", ["zebra-corner", "zebra-lounge"]],
    ["stripes", ["zebra-lounge"]],
    ["100%", ["zebra-lounge"]],
    ["100% c", ["zebra-lounge"]],
    ["cotton, zebra", ["zebra-lounge"]],
    ["der_s", ["under-score"]],
    ["ack\\s", ["under-score"]],
    ["%zebra%", ["zebra-corner", "zebra-lounge"]],
    ["zebra%quiet", ["zebra-corner"]],
    ["%", []],
    ["_", []],
    ["zebra\u0000", []],
    ["' OR 1=1 --", []],
  ] as const)("for %j finds %j", async ([text, expected]) => {
    expect(await search(text)).toEqual(expected);
  });
});
