import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { payload } from "../kit/client.ts";
import { createDatabase, type TestDatabase } from "../kit/database.ts";
import {
  CREATE_ROOM,
  SEND_MESSAGE,
  type CreateRoomResult,
  type Room,
  type TypedError,
} from "../kit/documents.ts";
import {
  ADD_REACTION,
  DELETE_MESSAGE,
  EDIT_MESSAGE,
  PIN_MESSAGE,
  REMOVE_REACTION,
  UNPIN_MESSAGE,
} from "../kit/message-documents.ts";
import { eventually } from "../kit/eventually.ts";
import { picture } from "../kit/pictures.ts";
import { roomAct } from "../kit/room-documents.ts";
import { seedOn, type Actor, type Seed } from "../kit/seed.ts";
import { startServer } from "../kit/server.ts";
import type { Variables } from "../kit/socket.ts";
import { uploads } from "../kit/uploads.ts";

let database: TestDatabase;
let seed: Seed;
let ada: Actor;
let bob: Actor;
let cyd: Actor;
let room: Room;
let rooms = 0;

const idOf = async (who: Actor): Promise<string> => (await who.signsUp()).user.id;
const uuid = (globalId: string): string => Buffer.from(globalId, "base64").toString().slice(-36);
const hour = (): string => new Date(Date.now() + 3_600_000).toISOString();

beforeAll(async () => {
  database = await createDatabase();
  // The default of the setting, which the kit overrides.
  const env = { ANNOUNCE_MEMBERS_MAX: "200" };
  seed = seedOn(await startServer({ databaseUrl: database.url, env }));
  [ada, bob, cyd] = [seed.user("ada"), seed.user("bob"), seed.user("cyd")];
});

beforeEach(async () => {
  rooms += 1;
  room = await ada.createsRoom(`Room ${rooms}`);
  for (const person of [bob, cyd]) await person.joins(room);
});

async function codeOf(who: Actor, document: string, input: Variables): Promise<string> {
  const answer = await who.mutate<TypedError | { __typename: string }>(document, { input });
  return "code" in answer ? answer.code : "OK";
}
const act = (who: Actor, name: string, input: Variables = {}): Promise<string> =>
  codeOf(who, roomAct(name), { roomId: room.id, ...input });

/** Returns the system messages of the history. */
async function notes(): Promise<
  [author: string, type: string, target: string | null, value: string | null][]
> {
  const query = /* GraphQL */ `
    query Notes($id: ID!) {
      node(id: $id) {
        ... on Room {
          messages(last: 100) {
            edges {
              node {
                author {
                  username
                }
                system {
                  type
                  value
                  target {
                    username
                  }
                }
              }
            }
          }
        }
      }
    }
  `;
  interface Shown {
    author: { username: string };
    system: { type: string; value: string | null; target: { username: string } | null } | null;
  }
  const { node } = await ada.query<{ node: { messages: { edges: { node: Shown }[] } } }>(query, {
    id: room.id,
  });
  return node.messages.edges.flatMap(({ node: { author, system } }) =>
    system === null
      ? []
      : [[author.username, system.type, system.target?.username ?? null, system.value]],
  );
}

const JOIN_NOTES = [
  ["bob", "MEMBER_JOINED", null, null],
  ["cyd", "MEMBER_JOINED", null, null],
];

async function rolesOf({ id } = room): Promise<Record<string, string>> {
  const rows = await database.query<{ username: string; role: string }>(
    `SELECT u.username, m.role FROM "Membership" m JOIN "User" u ON u.id = m."userId"
     WHERE m."conversationId" = $1 AND m."leftPosition" IS NULL`,
    [uuid(id)],
  );
  return Object.fromEntries(rows.map(({ username, role }) => [username, role]));
}

describe("the history records", () => {
  test("joins, departures and role changes", async () => {
    const [bobId, cydId] = [await idOf(bob), await idOf(cyd)];
    await ada.does("setRole", { roomId: room.id, userId: bobId, role: "MODERATOR" });
    await bob.does("removeMember", { roomId: room.id, userId: cydId });
    await cyd.joins(room);
    const until = hour();
    await ada.does("banMember", { roomId: room.id, userId: cydId, until });
    await ada.does("transferOwnership", { roomId: room.id, userId: bobId });
    await ada.leaves(room);
    expect(await notes()).toEqual([
      ...JOIN_NOTES,
      ["ada", "ROLE_CHANGED", "bob", "MODERATOR"],
      ["bob", "MEMBER_REMOVED", "cyd", null],
      ["cyd", "MEMBER_JOINED", null, null],
      ["ada", "MEMBER_BANNED", "cyd", until],
      ["ada", "OWNERSHIP_TRANSFERRED", "bob", null],
      ["ada", "MEMBER_LEFT", null, null],
    ]);
  });

  test("changes of the room, each once, and nothing without a change", async () => {
    const { id: roomId } = room;
    await ada.does("updateRoom", { roomId, name: "Tea", topic: "hot", slowModeSeconds: 0 });
    await ada.does("updateRoom", { roomId, name: " Tea ", topic: "hot" });
    await ada.does("updateRoom", { roomId, topic: null, slowModeSeconds: 10 });
    await ada.does("updateRoom", { roomId, slug: `tea-${rooms}`, visibility: "PRIVATE" });
    await ada.does("archiveRoom", { roomId });
    await ada.does("archiveRoom", { roomId });
    await ada.does("unarchiveRoom", { roomId });
    expect(await notes()).toEqual([
      ...JOIN_NOTES,
      ["ada", "NAME_CHANGED", null, "Tea"],
      ["ada", "TOPIC_CHANGED", null, "hot"],
      ["ada", "TOPIC_CHANGED", null, null],
      ["ada", "SLOW_MODE_CHANGED", null, "10"],
      ["ada", "VISIBILITY_CHANGED", null, "PRIVATE"],
      ["ada", "ROOM_ARCHIVED", null, null],
      ["ada", "ROOM_UNARCHIVED", null, null],
    ]);
    const counted = await database.query<{ counted: number; lastSeq: number }>(
      `SELECT counted, "lastSeq" FROM "ConversationHead" WHERE "conversationId" = $1`,
      [uuid(roomId)],
    );
    expect(counted).toEqual([{ counted: 0, lastSeq: 9 }]);
  });

  test("no sign-ups in the lobby", async () => {
    await seed.user(`new-${rooms}`).signsUp();
    const rows = await database.query(
      `SELECT 1 FROM "Message" m JOIN "Room" r ON r."conversationId" = m."conversationId" WHERE r."isLobby"`,
    );
    expect(rows).toEqual([]);
  });
});

describe("a room's picture", () => {
  const PICTURE = `query($id: ID!) { node(id: $id) { ... on Room { picture { id url } } } }`;
  const shown = async (): Promise<{ id: string; url: string } | null> =>
    (
      await bob.query<{ node: { picture: { id: string; url: string } | null } }>(PICTURE, {
        id: room.id,
      })
    ).node.picture;

  test("is set, replaced and removed by moderators, and the history records it", async () => {
    const { id: roomId } = room;
    const [first, second] = [
      await uploads(ada, "one.png", await picture("png"), "PICTURE"),
      await uploads(ada, "two.png", await picture("png"), "PICTURE"),
    ];
    expect(await act(bob, "updateRoom", { pictureUploadId: first.id })).toBe("NOT_ALLOWED");
    await ada.does("updateRoom", { roomId, pictureUploadId: first.id });
    await ada.does("updateRoom", { roomId, pictureUploadId: first.id });
    const one = await shown();
    expect(one?.id).toBe(first.id);
    expect((await (await bob.client()).fetch(one?.url ?? "")).status).toBe(200);
    await ada.does("updateRoom", { roomId, pictureUploadId: second.id });
    expect((await shown())?.id).toBe(second.id);
    expect((await (await bob.client()).fetch(one?.url ?? "")).status).toBe(404);
    await ada.does("updateRoom", { roomId, pictureUploadId: null });
    expect(await shown()).toBeNull();
    const note = ["ada", "PICTURE_CHANGED", null, null];
    expect(await notes()).toEqual([...JOIN_NOTES, note, note, note]);
  });

  test("must be one's own upload that is not in use as another picture", async () => {
    const others = await uploads(bob, "bob.png", await picture("png"), "PICTURE");
    const used = await uploads(ada, "used.png", await picture("png"), "PICTURE");
    const elsewhere = await ada.createsRoom(`Elsewhere ${rooms}`);
    await ada.does("updateRoom", { roomId: elsewhere.id, pictureUploadId: used.id });
    for (const { id } of [others, used])
      expect(await act(ada, "updateRoom", { pictureUploadId: id })).toBe("NOT_FOUND");
    expect(await shown()).toBeNull();
    expect(await notes()).toEqual(JOIN_NOTES);
  });
});

describe("a room's address", () => {
  test("that is taken is rejected, and the whole change with it", async () => {
    const other = await ada.createsRoom(`Other ${rooms}`);
    const changes = { name: "Moved", slug: other.slug };
    expect(await act(ada, "updateRoom", changes)).toBe("SLUG_TAKEN");
    expect(
      await ada.query(`query($s: String!) { room(slug: $s) { name } }`, { s: room.slug }),
    ).toEqual({ room: { name: room.name } });
    expect(await notes()).toEqual(JOIN_NOTES);
  });

  test("of long names with the same beginning differs, also in parallel", async () => {
    const names = ["one", "two", "three", "four"].map(
      (end) => `${"Very long name ".repeat(4)}${rooms} and ${end}`,
    );
    const made = await Promise.all(
      names.map(async (name) =>
        payload(await bob.mutate<CreateRoomResult>(CREATE_ROOM, { input: { name } })),
      ),
    );
    const slugs = made.map((answer) => answer.room.slug);
    expect(new Set(slugs).size).toBe(4);
    for (const slug of slugs) expect(slug.length).toBeLessThanOrEqual(64);
  });

  test("keeps combining marks, and matches all spellings", async () => {
    const name = `Cafe\u0301 हिन्दी ${rooms}`;
    const { slug } = await ada.createsRoom(name);
    expect(slug).toBe(`café-हिन्दी-${rooms}`.normalize("NFC"));
    const found = await bob.query(`query($s: String!) { room(slug: $s) { slug } }`, {
      s: slug.normalize("NFD").toUpperCase(),
    });
    expect(found).toEqual({ room: { slug } });
  });
});

describe("an archived room", () => {
  test("can be read and left, and nothing else", async () => {
    const { id: roomId } = room;
    const message = await bob.says(room, "said");
    await bob.reacts(message, "🎉");
    const own = await ada.says(room, "owner's");
    await ada.does("archiveRoom", { roomId });
    const messageId = message.id;
    const refused: [Actor, string, Variables][] = [
      [bob, SEND_MESSAGE, { conversationId: roomId, body: "more" }],
      [bob, EDIT_MESSAGE, { messageId, body: "else" }],
      [bob, ADD_REACTION, { messageId, emoji: "👀" }],
      [bob, REMOVE_REACTION, { messageId, emoji: "🎉" }],
      [ada, PIN_MESSAGE, { messageId }],
      [ada, UNPIN_MESSAGE, { messageId }],
      [seed.user("outsider"), roomAct("joinRoom"), { roomId }],
      [ada, roomAct("updateRoom"), { roomId, name: "Else" }],
      [ada, roomAct("inviteToRoom"), { roomId, userId: await idOf(seed.user("outsider")) }],
      [ada, roomAct("createInviteLink"), { roomId }],
    ];
    for (const [who, document, input] of refused)
      expect(await codeOf(who, document, input), document).toBe("ARCHIVED");
    expect(await codeOf(bob, DELETE_MESSAGE, { messageId })).toBe("OK");
    expect(await act(bob, "leaveRoom")).toBe("OK");
    expect(
      await cyd.query(
        `query($id: ID!) { node(id: $id) { ... on Room { archivedAt lastMessage { system { type } } } } }`,
        { id: roomId },
      ),
    ).toMatchObject({ node: { archivedAt: expect.any(String) } });
    await ada.does("unarchiveRoom", { roomId });
    expect(await codeOf(ada, EDIT_MESSAGE, { messageId: own.id, body: "else" })).toBe("OK");
    await bob.joins(room);
    await bob.says(room, "again");
  });

  test("is in a separate list", async () => {
    const listed = async (archived: boolean): Promise<boolean> => {
      const { rooms: page } = await bob.query<{ rooms: { edges: { node: { id: string } }[] } }>(
        `query($a: Boolean) { rooms(first: 100, archived: $a) { edges { node { id memberCount lastActivityAt topic } } } }`,
        { a: archived },
      );
      return page.edges.some(({ node }) => node.id === room.id);
    };
    expect([await listed(false), await listed(true)]).toEqual([true, false]);
    await ada.does("archiveRoom", { roomId: room.id });
    expect([await listed(false), await listed(true)]).toEqual([false, true]);
  });
});

describe("slow mode", () => {
  test("makes plain members wait, and returns the time", async () => {
    const { id: roomId } = room;
    await ada.does("updateRoom", { roomId, slowModeSeconds: 3600 });
    await ada.does("setRole", { roomId, userId: await idOf(cyd), role: "MODERATOR" });
    const input = { conversationId: roomId, body: "hello" };
    await bob.says(room, "first");
    const answer = await bob.mutate<TypedError>(
      SEND_MESSAGE.replace("... on Error", "... on SlowModeError { retryAfterMs } ... on Error"),
      { input },
    );
    expect(answer.code).toBe("SLOW_MODE");
    expect(answer.retryAfterMs).toBeGreaterThan(3_590_000);
    expect(answer.retryAfterMs).toBeLessThanOrEqual(3_600_000);
    for (const person of [ada, cyd])
      for (let n = 0; n < 2; n += 1) await person.says(room, "I keep order");
    await ada.does("updateRoom", { roomId, slowModeSeconds: 0 });
    await bob.says(room, "second");
  });

  test("accepts one of several parallel messages", async () => {
    await ada.does("updateRoom", { roomId: room.id, slowModeSeconds: 60 });
    const input = { conversationId: room.id, body: "hello" };
    const codes = await Promise.all(
      Array.from({ length: 10 }, () => codeOf(bob, SEND_MESSAGE, input)),
    );
    expect(codes.filter((code) => code === "OK")).toHaveLength(1);
    expect(codes.filter((code) => code === "SLOW_MODE")).toHaveLength(9);
  });
});

describe("a mute", () => {
  test("allows removing reactions, but not sending", async () => {
    const [userId, until] = [await idOf(bob), hour()];
    const { id: messageId } = await bob.says(room, "said");
    await bob.reacts({ id: messageId }, "🎉");
    await ada.does("setRole", { roomId: room.id, userId, role: "MODERATOR" });
    await ada.does("muteMember", { roomId: room.id, userId, until });
    const refused: [string, Variables][] = [
      [SEND_MESSAGE, { conversationId: room.id, body: "more" }],
      [EDIT_MESSAGE, { messageId, body: "else" }],
      [ADD_REACTION, { messageId, emoji: "👀" }],
      [PIN_MESSAGE, { messageId }],
      [UNPIN_MESSAGE, { messageId }],
    ];
    for (const [document, input] of refused)
      expect(await codeOf(bob, document, input), document).toBe("MUTED");
    expect(await codeOf(bob, REMOVE_REACTION, { messageId, emoji: "🎉" })).toBe("OK");
    expect(await codeOf(bob, DELETE_MESSAGE, { messageId })).toBe("OK");
    await cyd.says(room, "others talk on");
    await ada.does("unmuteMember", { roomId: room.id, userId });
    await bob.says(room, "thanks");
  });

  test("survives leaving, and ends at its time", async () => {
    const userId = await idOf(bob);
    const end = Date.now() + 1_500;
    const until = new Date(end).toISOString();
    await ada.does("muteMember", { roomId: room.id, userId, until });
    await bob.leaves(room);
    await bob.joins(room);
    const say = (): Promise<string> =>
      codeOf(bob, SEND_MESSAGE, { conversationId: room.id, body: "hello" });
    const first = await say();
    if (Date.now() < end) expect(first).toBe("MUTED");
    await eventually(async () => expect(await say()).toBe("OK"));
    expect(Date.now()).toBeGreaterThanOrEqual(end);
  });

  test("of years returns a wait that fits a client's Int", async () => {
    const until = new Date(Date.now() + 20 * 365 * 86_400_000).toISOString();
    await ada.does("muteMember", { roomId: room.id, userId: await idOf(bob), until });
    const answer = await bob.mutate<TypedError>(
      SEND_MESSAGE.replace("... on Error", "... on MutedError { retryAfterMs } ... on Error"),
      { input: { conversationId: room.id, body: "hello" } },
    );
    expect(answer).toMatchObject({ code: "MUTED", retryAfterMs: 2_147_483_647 });
  });
});

describe("ownership", () => {
  test("is transferred once by two parallel transfers", async () => {
    const ids = [await idOf(bob), await idOf(cyd)];
    const codes = await Promise.all(ids.map((userId) => act(ada, "transferOwnership", { userId })));
    expect(codes.sort()).toEqual(["NOT_ALLOWED", "OK"]);
    const roles = await rolesOf();
    expect(roles["ada"]).toBe("MODERATOR");
    expect(Object.values(roles).sort()).toEqual(["MEMBER", "MODERATOR", "OWNER"]);
  });

  test("is never lost when the new owner leaves, is removed or transfers it in parallel", async () => {
    for (let turn = 0; turn < 8; turn += 1) {
      const made = await ada.createsRoom(`Contested ${rooms} ${turn}`);
      for (const person of [bob, cyd]) await person.joins(made);
      const roomId = made.id;
      const [bobId, cydId] = [await idOf(bob), await idOf(cyd)];
      await Promise.all([
        codeOf(ada, roomAct("transferOwnership"), { roomId, userId: bobId }),
        codeOf(bob, roomAct("leaveRoom"), { roomId }),
        codeOf(ada, roomAct("removeMember"), { roomId, userId: bobId }),
        codeOf(bob, roomAct("transferOwnership"), { roomId, userId: cydId }),
        codeOf(ada, roomAct("leaveRoom"), { roomId }),
      ]);
      const roles = Object.values(await rolesOf(made));
      expect(roles.filter((role) => role === "OWNER")).toHaveLength(1);
    }
  });

  test("of an empty public room passes to the next member who joins; an empty private room is closed", async () => {
    const open = await ada.createsRoom(`Empty ${rooms}`);
    await ada.leaves(open);
    await bob.joins(open);
    expect(await rolesOf(open)).toEqual({ bob: "OWNER" });
    const closed = await ada.createsRoom(`Closed ${rooms}`, { visibility: "PRIVATE" });
    const asked = { roomId: closed.id, userId: await idOf(bob) };
    await ada.does("inviteToRoom", asked);
    await ada.leaves(closed);
    const query = `{ viewer { invites { edges { node { room { name } } } } } }`;
    expect(await bob.query(query)).toEqual({ viewer: { invites: { edges: [] } } });
    const [head] = await database.query<{ archivedAt: Date | null }>(
      `SELECT "archivedAt" FROM "ConversationHead" WHERE "conversationId" = $1`,
      [uuid(closed.id)],
    );
    expect(head?.archivedAt).toBeInstanceOf(Date);
  });

  test("must be transferred before leaving while other members remain", async () => {
    expect(await act(ada, "leaveRoom")).toBe("OWNER_CANNOT_LEAVE");
    await ada.does("transferOwnership", { roomId: room.id, userId: await idOf(bob) });
    expect(await act(ada, "leaveRoom")).toBe("OK");
    expect(await rolesOf()).toEqual({ bob: "OWNER", cyd: "MEMBER" });
  });
});
