import { beforeAll, describe, expect, test } from "vitest";
import { client, payload } from "../kit/client.ts";
import { createDatabase } from "../kit/database.ts";
import { SEND_MESSAGE, type ChatMessage, type Room, type TypedError } from "../kit/documents.ts";
import {
  ADD_REACTION,
  DELETE_MESSAGE,
  EDIT_MESSAGE,
  PIN_MESSAGE,
  REMOVE_REACTION,
} from "../kit/message-documents.ts";
import { CREATE_INVITE_LINK, roomAct, type InviteLinkPayload } from "../kit/room-documents.ts";
import { seedOn, type Actor, type Seed } from "../kit/seed.ts";
import { startServer, type TestServer } from "../kit/server.ts";
import type { Variables } from "../kit/socket.ts";

/** All users of these tests; `target` is a member, `asked` is a non-member. */
const PEOPLE = [
  "owner",
  "moderator",
  "member",
  "target",
  "former",
  "removed",
  "banned",
  "outsider",
  "asked",
] as const;
type Name = (typeof PEOPLE)[number];

const TRIED = [
  "anonymous",
  "outsider",
  "former",
  "removed",
  "banned",
  "member",
  "moderator",
  "owner",
];
/** The errors of outsiders for any action, in a public and in a private room. */
const OUTSIDE: Readonly<Record<string, readonly [inPublic: string, inPrivate: string]>> = {
  anonymous: ["UNAUTHENTICATED", "UNAUTHENTICATED"],
  outsider: ["NOT_A_MEMBER", "NOT_FOUND"],
  former: ["NOT_A_MEMBER", "NOT_FOUND"],
  removed: ["NOT_A_MEMBER", "NOT_FOUND"],
  banned: ["BANNED", "NOT_FOUND"],
};

interface Act {
  name: string;
  input: (people: Record<Name, string>) => Variables;
  /** The outcomes for member, moderator and owner. */
  inside: readonly [member: string, moderator: string, owner: string];
  /** Makes the action possible again. */
  reset?: (room: Room) => Promise<unknown>;
}

const [no, ok] = ["NOT_ALLOWED", "OK"];
const KEEPERS = [no, ok, ok] as const;
const OWNERS = [no, no, ok] as const;
const later = new Date(Date.now() + 3_600_000).toISOString();

let server: TestServer;
let seed: Seed;
let ids: Record<Name, string>;
let rooms = 0;

beforeAll(async () => {
  server = await startServer({ databaseUrl: (await createDatabase()).url });
  seed = seedOn(server);
  const sessions = await Promise.all(
    PEOPLE.map(async (name) => [name, (await seed.user(name).signsUp()).user.id] as const),
  );
  ids = Object.fromEntries(sessions) as Record<Name, string>;
});

async function codeOf(name: string, document: string, input: Variables): Promise<string> {
  const asking = name === "anonymous" ? client(server) : await seed.user(name).client();
  const answer = await asking.mutate<TypedError | { __typename: string }>(document, { input });
  return "code" in answer ? answer.code : "OK";
}

const act = (name: string, document: string, input: Variables): Promise<string> =>
  codeOf(name, roomAct(document), input);

/** Adds a user to a room, also to a private one. */
async function enters(person: Actor, room: Room): Promise<void> {
  const { token } = payload(
    await seed.user("owner").mutate<InviteLinkPayload | TypedError>(CREATE_INVITE_LINK, {
      input: { roomId: room.id, maxUses: 1 },
    }),
  );
  await person.does("acceptInvite", { token });
}

async function roomOf(visibility: "PUBLIC" | "PRIVATE"): Promise<Room> {
  rooms += 1;
  const owner = seed.user("owner");
  const room = await owner.createsRoom(`Room ${rooms}`);
  const roomId = room.id;
  const joining = ["moderator", "member", "target", "former", "removed", "banned"] as const;
  for (const name of joining) await seed.user(name).joins(room);
  await owner.does("setRole", { roomId, userId: ids.moderator, role: "MODERATOR" });
  await seed.user("former").leaves(room);
  await owner.does("removeMember", { roomId, userId: ids.removed });
  await owner.does("banMember", { roomId, userId: ids.banned, until: later, reason: "spam" });
  if (visibility === "PRIVATE") await owner.does("updateRoom", { roomId, visibility });
  return room;
}

const ACTS: Act[] = [
  { name: "updateRoom", input: () => ({ name: "Renamed", topic: "x" }), inside: KEEPERS },
  { name: "updateRoom", input: () => ({ slowModeSeconds: 5 }), inside: KEEPERS },
  { name: "updateRoom", input: () => ({ slug: `moved-${rooms}` }), inside: OWNERS },
  {
    name: "archiveRoom",
    input: () => ({}),
    inside: OWNERS,
    reset: ({ id: roomId }) => seed.user("owner").does("unarchiveRoom", { roomId }),
  },
  { name: "unarchiveRoom", input: () => ({}), inside: OWNERS },
  {
    name: "setRole",
    input: (of) => ({ userId: of.target, role: "MODERATOR" }),
    inside: OWNERS,
  },
  {
    name: "removeMember",
    input: (of) => ({ userId: of.target }),
    inside: KEEPERS,
    reset: (room) => enters(seed.user("target"), room),
  },
  {
    name: "banMember",
    input: (of) => ({ userId: of.target }),
    inside: KEEPERS,
    reset: async (room) => {
      await seed.user("owner").does("unbanMember", { roomId: room.id, userId: ids.target });
      await enters(seed.user("target"), room);
    },
  },
  { name: "banMember", input: (of) => ({ userId: of.asked, until: later }), inside: KEEPERS },
  { name: "unbanMember", input: (of) => ({ userId: of.asked }), inside: KEEPERS },
  { name: "muteMember", input: (of) => ({ userId: of.target, until: later }), inside: KEEPERS },
  { name: "unmuteMember", input: (of) => ({ userId: of.target }), inside: KEEPERS },
  { name: "inviteToRoom", input: (of) => ({ userId: of.asked }), inside: KEEPERS },
  { name: "createInviteLink", input: () => ({}), inside: KEEPERS },
  { name: "transferOwnership", input: (of) => ({ userId: of.target }), inside: OWNERS },
];

describe.each(["PUBLIC", "PRIVATE"] as const)("in a %s room", (visibility) => {
  test.for(ACTS.map((item, index) => [item.name, index, item] as const))(
    "each role may or may not use %s (case %i)",
    async ([name, , { input, inside, reset }]) => {
      const room = await roomOf(visibility);
      for (const who of TRIED) {
        const outside = OUTSIDE[who]?.[visibility === "PUBLIC" ? 0 : 1];
        const expected = outside ?? inside[TRIED.indexOf(who) - 5];
        const code = await act(who, name, { roomId: room.id, ...input(ids) });
        expect(code, who).toBe(expected);
        if (code === "OK") await reset?.(room);
      }
    },
  );

  test.for([
    "bans { edges { node { id } } }",
    "invites { edges { node { id } } }",
    "inviteLinks { edges { node { id } } }",
  ])("%s is visible to moderators", async (selection) => {
    const { id } = await roomOf(visibility);
    const query = `query($id: ID!) { node(id: $id) { ... on Room { ${selection} } } }`;
    for (const name of ["outsider", "former", "banned", "member", "moderator", "owner"]) {
      const { data, errors } = await (
        await seed.user(name).client()
      ).send<{ node: unknown }>(query, { id });
      const code = errors[0]?.extensions?.code ?? (data?.node === null ? "NOT_FOUND" : "OK");
      const outside = OUTSIDE[name]?.[visibility === "PUBLIC" ? 0 : 1];
      expect(code, name).toBe(outside ?? (name === "member" ? no : ok));
    }
  });

  test("only members send and change messages", async () => {
    const room = await roomOf(visibility);
    const message = await seed.user("member").says(room, "said");
    const messageId = message.id;
    const tries: [string, Variables, string][] = [
      [SEND_MESSAGE, { conversationId: room.id, body: "hello" }, "NOT_A_MEMBER"],
      [ADD_REACTION, { messageId, emoji: "🎉" }, "NOT_A_MEMBER"],
      [REMOVE_REACTION, { messageId, emoji: "🎉" }, "NOT_A_MEMBER"],
      [EDIT_MESSAGE, { messageId, body: "else" }, no],
      [PIN_MESSAGE, { messageId }, no],
      [DELETE_MESSAGE, { messageId }, no],
    ];
    for (const [document, input, inPublic] of tries) {
      for (const name of ["outsider", "former", "removed", "banned"]) {
        const outside = name === "banned" ? "BANNED" : inPublic;
        const expected = visibility === "PUBLIC" ? outside : "NOT_FOUND";
        expect(await codeOf(name, document, input), `${name}: ${document}`).toBe(expected);
      }
    }
  });

  test("the visibility decides who may join, and banned users can neither join nor leave", async () => {
    const room = await roomOf(visibility);
    const input = { roomId: room.id };
    const joined = visibility === "PUBLIC" ? "OK" : "NOT_FOUND";
    for (const name of ["outsider", "former", "removed"])
      expect(await act(name, "joinRoom", input), name).toBe(joined);
    expect(await act("banned", "joinRoom", input)).toBe(
      visibility === "PUBLIC" ? "BANNED" : "NOT_FOUND",
    );
    expect(await act("banned", "leaveRoom", input)).toBe(
      visibility === "PUBLIC" ? "NOT_A_MEMBER" : "NOT_FOUND",
    );
  });
});

describe("the order of roles", () => {
  test("forbids moderating oneself, equals and higher roles", async () => {
    const { id: roomId } = await roomOf("PUBLIC");
    const owner = seed.user("owner");
    await owner.does("setRole", { roomId, userId: ids.target, role: "MODERATOR" });
    for (const name of ["removeMember", "banMember", "muteMember", "unmuteMember", "unbanMember"]) {
      const until = name === "muteMember" ? { until: later } : {};
      const tries: [Name, Name][] = [
        ["owner", "owner"],
        ["moderator", "moderator"],
        ["moderator", "owner"],
        ["moderator", "target"],
      ];
      for (const [who, whom] of tries) {
        // Bans apply to outsiders: lifting the ban of a member has no effect.
        const expected = name === "unbanMember" && who !== whom ? ok : no;
        const code = await act(who, name, { roomId, userId: ids[whom], ...until });
        expect(code, `${name}: ${who}, ${whom}`).toBe(expected);
      }
    }
    const steps: [Name, Name, string, string][] = [
      ["moderator", "target", "MEMBER", no],
      ["moderator", "owner", "MEMBER", no],
      ["owner", "owner", "MEMBER", no],
      ["owner", "target", "OWNER", no],
      ["moderator", "moderator", "MEMBER", ok],
      ["moderator", "moderator", "MODERATOR", no],
    ];
    for (const [who, whom, role, expected] of steps) {
      const code = await act(who, "setRole", { roomId, userId: ids[whom], role });
      expect(code, `${who} makes ${whom} ${role}`).toBe(expected);
    }
    expect(await act("owner", "transferOwnership", { roomId, userId: ids.owner })).toBe(no);
  });

  test("moderation needs an existing target", async () => {
    const { id: roomId } = await roomOf("PUBLIC");
    const missingId = Buffer.from(`User:${crypto.randomUUID()}`).toString("base64");
    const inputs: Record<string, Variables> = {
      muteMember: { until: later },
      setRole: { role: "MEMBER" },
    };
    const onMembers = [
      "setRole",
      "transferOwnership",
      "removeMember",
      "muteMember",
      "unmuteMember",
    ];
    for (const name of [...onMembers, "banMember", "unbanMember", "inviteToRoom"]) {
      const input = { roomId, ...inputs[name] };
      expect(await act("owner", name, { ...input, userId: missingId }), name).toBe("NOT_FOUND");
      if (!onMembers.includes(name)) continue;
      expect(await act("owner", name, { ...input, userId: ids.outsider }), name).toBe("NOT_FOUND");
    }
  });

  test("the lobby has no owner", async () => {
    const data = await seed
      .user("owner")
      .query<{ server: { lobby: { id: string } } }>("{ server { lobby { id } } }");
    const roomId = data.server.lobby.id;
    const userId = ids.target;
    const inputs: [string, Variables][] = [
      ["updateRoom", { name: "Mine" }],
      ["archiveRoom", {}],
      ["removeMember", { userId }],
      ["banMember", { userId }],
      ["muteMember", { userId, until: later }],
      ["setRole", { userId, role: "MODERATOR" }],
      ["transferOwnership", { userId }],
      ["createInviteLink", {}],
    ];
    for (const [name, input] of inputs)
      expect(await act("owner", name, { roomId, ...input }), name).toBe(no);
  });
});

describe("invalid input", () => {
  test.for<[string, string, Variables, string, string]>([
    [
      "a ban that ends in the past",
      "banMember",
      { until: "2020-01-01T00:00:00Z" },
      "until",
      "INVALID_VALUE",
    ],
    [
      "a ban that ends too late",
      "banMember",
      { until: "2999-01-01T00:00:00Z" },
      "until",
      "INVALID_VALUE",
    ],
    ["a long reason", "banMember", { reason: "r".repeat(301) }, "reason", "TOO_LONG"],
    ["a NUL in a reason", "banMember", { reason: "a\u0000" }, "reason", "INVALID_FORMAT"],
    [
      "a mute that ends in the past",
      "muteMember",
      { until: "2020-01-01T00:00:00Z" },
      "until",
      "INVALID_VALUE",
    ],
    ["no name", "updateRoom", { name: " " }, "name", "REQUIRED"],
    ["a long name", "updateRoom", { name: "n".repeat(81) }, "name", "TOO_LONG"],
    ["an invisible name", "updateRoom", { name: "a\u202eb" }, "name", "INVALID_FORMAT"],
    ["a bad address", "updateRoom", { slug: "a b" }, "slug", "INVALID_FORMAT"],
    ["an empty address", "updateRoom", { slug: "" }, "slug", "INVALID_FORMAT"],
    ["a long address", "updateRoom", { slug: "s".repeat(65) }, "slug", "TOO_LONG"],
    ["a long topic", "updateRoom", { topic: "t".repeat(301) }, "topic", "TOO_LONG"],
    [
      "a negative slow mode",
      "updateRoom",
      { slowModeSeconds: -1 },
      "slowModeSeconds",
      "INVALID_VALUE",
    ],
    [
      "a slow mode that is too long",
      "updateRoom",
      { slowModeSeconds: 21601 },
      "slowModeSeconds",
      "INVALID_VALUE",
    ],
    [
      "a link that has already expired",
      "createInviteLink",
      { expiresInSeconds: 0 },
      "expiresInSeconds",
      "INVALID_VALUE",
    ],
    [
      "a link that expires too late",
      "createInviteLink",
      { expiresInSeconds: 31536001 },
      "expiresInSeconds",
      "INVALID_VALUE",
    ],
    ["a link for zero users", "createInviteLink", { maxUses: 0 }, "maxUses", "INVALID_VALUE"],
    ["an invite of a member", "inviteToRoom", {}, "userId", "INVALID_VALUE"],
  ])("%s is reported", async ([, name, input, field, code]) => {
    const room = await roomOf("PUBLIC");
    const needsPerson = ["banMember", "muteMember", "inviteToRoom"].includes(name);
    const answer = await seed.user("owner").mutate<TypedError>(roomAct(name), {
      input: { roomId: room.id, ...(needsPerson ? { userId: ids.target } : {}), ...input },
    });
    expect(answer).toMatchObject({ code: "INVALID_INPUT", fields: [{ field, code }] });
  });

  test("of acceptInvite is both an invite and a link, or neither", async () => {
    const inviteId = Buffer.from(`Invite:${crypto.randomUUID()}`).toString("base64");
    for (const input of [{}, { inviteId, token: "x" }])
      expect(await act("outsider", "acceptInvite", input)).toBe("INVALID_INPUT");
    expect(await act("outsider", "acceptInvite", { token: "\u0000" })).toBe("NOT_FOUND");
  });
});

describe("a ban", () => {
  const SEEN = /* GraphQL */ `
    query Seen($id: ID!, $slug: String!) {
      node(id: $id) {
        ... on Room {
          name
          memberCount
          lastMessage {
            body
          }
          messages(last: 5) {
            edges {
              node {
                body
              }
            }
          }
          members(first: 5) {
            edges {
              node {
                role
              }
            }
          }
          pinnedMessages {
            body
          }
          threads(first: 3) {
            edges {
              node {
                body
              }
            }
          }
          viewerBan {
            until
            reason
            bannedBy {
              username
            }
          }
        }
      }
      room(slug: $slug) {
        name
      }
    }
  `;
  const messageSeenBy = async (who: Actor, { id }: ChatMessage): Promise<boolean> =>
    (await who.query<{ node: object | null }>(`query($id: ID!) { node(id: $id) { id } }`, { id }))
      .node !== null;

  test("from a public room hides messages and members, but not the room", async () => {
    const room = await roomOf("PUBLIC");
    const message = await seed.user("member").says(room, "said");
    await seed.user("owner").pins(message);
    const variables = { id: room.id, slug: room.slug };
    expect(await seed.user("banned").query(SEEN, variables)).toEqual({
      node: {
        name: room.name,
        memberCount: 4,
        lastMessage: null,
        messages: { edges: [] },
        members: { edges: [] },
        pinnedMessages: [],
        threads: { edges: [] },
        viewerBan: { until: later, reason: "spam", bannedBy: null },
      },
      room: { name: room.name },
    });
    expect(await seed.user("outsider").query(SEEN, variables)).toMatchObject({
      node: { lastMessage: { body: "said" }, viewerBan: null },
    });
    expect(await messageSeenBy(seed.user("banned"), message)).toBe(false);
    expect(await messageSeenBy(seed.user("outsider"), message)).toBe(true);
  });

  test("ends at its time, and when it is lifted", async () => {
    const room = await roomOf("PUBLIC");
    const owner = seed.user("owner");
    const until = new Date(Date.now() + 700);
    const input = { roomId: room.id, userId: ids.banned, until: until.toISOString() };
    await owner.does("banMember", input);
    expect(await act("banned", "joinRoom", { roomId: room.id })).toBe("BANNED");
    await expect
      .poll(() => act("banned", "joinRoom", { roomId: room.id }), { timeout: 5_000 })
      .toBe("OK");
    expect(Date.now()).toBeGreaterThanOrEqual(until.getTime());
    await owner.does("banMember", { roomId: room.id, userId: ids.banned });
    expect(await act("banned", "joinRoom", { roomId: room.id })).toBe("BANNED");
    await owner.does("unbanMember", { roomId: room.id, userId: ids.banned });
    expect(await act("banned", "joinRoom", { roomId: room.id })).toBe("OK");
  });

  test("is listed with its reason, latest first, in pages, and is a node", async () => {
    const room = await roomOf("PUBLIC");
    const owner = seed.user("owner");
    await owner.does("banMember", { roomId: room.id, userId: ids.asked });
    const BANS = /* GraphQL */ `
      query Bans($id: ID!, $after: String) {
        node(id: $id) {
          ... on Room {
            bans(first: 1, after: $after) {
              pageInfo {
                hasNextPage
                endCursor
              }
              edges {
                node {
                  id
                  until
                  reason
                  user {
                    username
                  }
                  bannedBy {
                    username
                  }
                }
              }
            }
          }
        }
      }
    `;
    interface Bans {
      node: {
        bans: {
          pageInfo: { hasNextPage: boolean; endCursor: string };
          edges: { node: { id: string; user: { username: string } } }[];
        };
      };
    }
    const first = (await owner.query<Bans>(BANS, { id: room.id })).node.bans;
    expect(first.edges).toMatchObject([
      { node: { user: { username: "asked" }, until: null, reason: null } },
    ]);
    const after = first.pageInfo.endCursor;
    const second = (await owner.query<Bans>(BANS, { id: room.id, after })).node.bans;
    expect(second).toMatchObject({
      pageInfo: { hasNextPage: false },
      edges: [
        {
          node: {
            user: { username: "banned" },
            until: later,
            reason: "spam",
            bannedBy: { username: "owner" },
          },
        },
      ],
    });
    const query = `query($id: ID!) { node(id: $id) { ... on Ban { reason bannedBy { username } } } }`;
    const id = second.edges[0]?.node.id;
    const shown: [Name, unknown][] = [
      ["moderator", { reason: "spam", bannedBy: { username: "owner" } }],
      ["banned", { reason: "spam", bannedBy: null }],
      ["member", null],
      ["outsider", null],
    ];
    for (const [name, node] of shown)
      expect(await seed.user(name).query(query, { id }), name).toEqual({ node });
  });
});
