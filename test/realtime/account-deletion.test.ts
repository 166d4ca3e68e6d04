import pg from "pg";
import { beforeAll, expect, test } from "vitest";
import { client, PASSWORD, type TestClient } from "../kit/client.ts";
import { createDatabase, type TestDatabase } from "../kit/database.ts";
import { EVENTS, LOG_IN, type Room } from "../kit/documents.ts";
import { eventually } from "../kit/eventually.ts";
import { describeWith } from "../kit/needs.ts";
import { onRelease } from "../kit/resources.ts";
import { seedOn, type Actor, type Seed } from "../kit/seed.ts";
import { startServer, type TestServer } from "../kit/server.ts";
import { connect, type Endpoint } from "../kit/socket.ts";
import { DELETE_ACCOUNT, REPORT } from "../kit/trust-documents.ts";
import { SAVE_DRAFT, SCHEDULE_MESSAGE } from "../kit/writing-documents.ts";
import { startCluster, type Cluster } from "./cluster.ts";

type Outcome = { __typename: string; code?: string };

/** A name that occurs nowhere except in users' data. */
const NAME = "zacharias";
const DISPLAYED = "Zacharias the Great";

const SIGN_UP = /* GraphQL */ `
  mutation ($input: SignUpInput!) {
    signUp(input: $input) {
      ... on SignUpPayload {
        token
        user {
          id
        }
      }
    }
  }
`;

/** All events with every field that shows a user. */
const PEOPLE = /* GraphQL */ `
  subscription ($after: Cursor) {
    events(after: $after) {
      __typename
      cursor
      ... on UserDeleted {
        user {
          ...Person
          isDeleted
        }
      }
      ... on MemberJoined {
        membership {
          user {
            ...Person
          }
        }
      }
      ... on MembershipChanged {
        membership {
          role
          user {
            ...Person
          }
        }
      }
      ... on MemberLeft {
        user {
          ...Person
        }
      }
      ... on MessageSent {
        message {
          body
          author {
            ...Person
          }
        }
      }
      ... on MessageChange {
        message {
          author {
            ...Person
          }
          reactions {
            users {
              ...Person
            }
          }
        }
      }
      ... on ReactionAdded {
        user {
          ...Person
        }
      }
      ... on MessagePinned {
        user {
          ...Person
        }
      }
    }
  }
  fragment Person on User {
    id
    username
    displayName
  }
`;

const uuidOf = (globalId: string): string =>
  Buffer.from(globalId, "base64").toString().split(":")[1] ?? "";

const cursorOf = async (person: Actor): Promise<string> =>
  (await person.query<{ viewer: { cursor: string } }>("{ viewer { cursor } }")).viewer.cursor;

const deletes = (person: TestClient, deleteMessages = false): Promise<Outcome> =>
  person.mutate<Outcome>(DELETE_ACCOUNT, { input: { password: PASSWORD, deleteMessages } });

/** Returns all tables and columns that contain a text. */
async function holding(database: TestDatabase, text: string): Promise<string[]> {
  const tables = await database.query<{ name: string }>(
    `SELECT c.oid::regclass::text AS name FROM pg_class c
     WHERE c.relkind IN ('r', 'm') AND c.relnamespace = 'public'::regnamespace`,
  );
  const found: string[] = [];
  for (const { name } of tables) {
    const rows = await database.query<{ row: string }>(
      `SELECT t::text AS row FROM ${name} t WHERE t::text ILIKE '%' || $1 || '%'`,
      [text],
    );
    found.push(...rows.map(({ row }) => `${name}: ${row}`));
  }
  return found;
}

/** Signs a user up with that username and display name. */
async function zacharias(on: Endpoint, username = NAME): Promise<{ me: TestClient; id: string }> {
  const input = { username, password: PASSWORD, displayName: DISPLAYED };
  const { signUp } = await client(on).query<{ signUp: { token: string; user: { id: string } } }>(
    SIGN_UP,
    { input },
  );
  return { me: client(on).as(signUp.token), id: signUp.user.id };
}

const JOIN = `mutation($id: ID!) { joinRoom(input: { roomId: $id }) { __typename } }`;
const SAY = /* GraphQL */ `
  mutation ($input: SendMessageInput!) {
    sendMessage(input: $input) {
      ... on SendMessagePayload {
        sentMessage {
          id
        }
      }
    }
  }
`;
const says = async (who: TestClient, room: Room, body: string): Promise<string> => {
  const input = { conversationId: room.id, body };
  const data = await who.query<{ sendMessage: { sentMessage: { id: string } } }>(SAY, { input });
  return data.sendMessage.sentMessage.id;
};

describeWith("redis-server", "deleting an account", () => {
  let cluster: Cluster;
  let database: TestDatabase;
  let seed: Seed;
  let ada: Actor;
  let room: Room;

  beforeAll(async () => {
    cluster = await startCluster();
    ({ database } = cluster);
    seed = seedOn(cluster.a);
    ada = seed.user("ada");
    room = await ada.createsRoom("Remembered");
  });

  test("a deleted account leaves its messages, but no identifying data in the database or a replay", async () => {
    const start = await cursorOf(ada);
    const { me, id } = await zacharias(cluster.a);
    await me.query(JOIN, { id: room.id });
    const said = await says(me, room, "I was here");
    const edited = await says(me, room, "I was hre, too");
    const EDIT = `mutation($id: ID!) { editMessage(input: { messageId: $id, body: "I was here, too" }) { __typename } }`;
    await me.query(EDIT, { id: edited });
    const other = await ada.says(room, "who are you?");
    const REACT = `mutation($id: ID!) { addReaction(input: { messageId: $id, emoji: "👋" }) { __typename } }`;
    await me.query(REACT, { id: other.id });
    const place = { conversationId: room.id, body: `unsaid by ${NAME}` };
    const sendAt = new Date(Date.now() + 3_600_000).toISOString();
    await me.mutate(SAVE_DRAFT, { input: place });
    await me.mutate(SCHEDULE_MESSAGE, { input: { ...place, sendAt } });
    await me.mutate(REPORT, {
      input: { messageId: other.id, reason: "OTHER", comment: `says ${NAME}` },
    });
    const own = await me.query<{ createRoom: { room: Room } }>(
      `mutation { createRoom(input: { name: "Pinboard" }) { ... on CreateRoomPayload { room { id } } } }`,
    );
    const PIN = `mutation($id: ID!) { pinMessage(input: { messageId: $id }) { __typename } }`;
    await me.query(PIN, { id: await says(me, own.createRoom.room, "mine") });
    expect((await holding(database, NAME)).length).toBeGreaterThan(0);

    const near = await (await ada.client()).subscribe<{ __typename: string }>({ query: PEOPLE });
    const far = await (await ada.client()).on(cluster.b).subscribe<{ __typename: string }>({
      query: PEOPLE,
    });
    const socket = await connect(cluster.b, { token: me.token ?? "" });
    await Promise.all([near, far].map((stream) => stream.next()));
    expect(await deletes(me)).toMatchObject({ __typename: "DeleteAccountPayload" });

    // All users receive the event, and the deleted user's sockets close.
    for (const stream of [near, far]) {
      const event = await stream.next(({ __typename }) => __typename === "UserDeleted");
      expect(event).toMatchObject({
        user: { id, displayName: "Deleted account", isDeleted: true },
      });
    }
    expect((await socket.closed).code).toBe(4403);

    // The database no longer contains the names.
    for (const text of [NAME, DISPLAYED]) expect(await holding(database, text)).toEqual([]);
    expect(
      await database.query(`SELECT 1 FROM "Session" WHERE "userId" = $1`, [uuidOf(id)]),
    ).toEqual([]);
    expect(
      await database.query(`SELECT 1 FROM "Credential" WHERE "userId" = $1`, [uuidOf(id)]),
    ).toEqual([]);

    // From the database on one instance, from memory on the other, and from the database on both.
    await cluster.b.restart();
    for (const instance of cluster.instances) {
      const replay = await (
        await ada.client()
      )
        .on(instance)
        .subscribe<{ __typename: string; cursor: string }>({
          query: PEOPLE,
          variables: { after: start },
        });
      await replay.next(({ __typename }) => __typename === "UserDeleted");
      const text = JSON.stringify(replay.all);
      for (const kind of ["MemberJoined", "MessageSent", "ReactionAdded", "MemberLeft"])
        expect(text, kind).toContain(`"${kind}"`);
      expect(text).toContain("I was here, too");
      expect(text).not.toMatch(/zacharias/i);
      await replay.close();
    }

    // Conversations stay readable.
    const HISTORY = `query($id: ID!) { node(id: $id) { ... on Room { messages(last: 10) { edges { node { id body author { id username displayName isDeleted } reactions { users { displayName } } } } } } } }`;
    const history = await ada.query<{
      node: { messages: { edges: { node: { id: string; body: string; author: object } }[] } };
    }>(HISTORY, { id: room.id });
    const shown = history.node.messages.edges.map(({ node }) => node);
    expect(shown.find((message) => message.id === said)).toMatchObject({
      body: "I was here",
      author: { id, displayName: "Deleted account", isDeleted: true },
    });
    expect(shown.find((message) => message.id === other.id)).toMatchObject({
      reactions: [{ users: [{ displayName: "Deleted account" }] }],
    });
    for (const stream of [near, far]) await stream.close();
  });

  test("a deleted account cannot be used, and its name is available to others", async () => {
    const { me, id } = await zacharias(cluster.a, "nomen");
    const second = await client(cluster.b).logIn("nomen");
    await deletes(me);
    for (const token of [me.token ?? "", second.token])
      expect(await client(cluster.b).as(token).query("{ viewer { user { id } } }")).toEqual({
        viewer: null,
      });
    const input = { username: "nomen", password: PASSWORD };
    expect(await client(cluster.a).mutate<Outcome>(LOG_IN, { input })).toMatchObject({
      code: "INVALID_CREDENTIALS",
    });
    const next = await client(cluster.b).signUp("nomen");
    expect(next.user.id).not.toBe(id);
    const [row] = await database.query<{ username: string }>(
      `SELECT username FROM "User" WHERE id = $1`,
      [uuidOf(id)],
    );
    // No user can take the anonymous name, or look it up.
    await expect(client(cluster.a).signUp(row?.username ?? "")).rejects.toThrow("INVALID_FORMAT");
    const FIND = "query($name: String!) { user(username: $name) { id } }";
    expect(await ada.query(FIND, { name: row?.username })).toEqual({ user: null });
  });

  test("deleting an account needs the password, and succeeds once", async () => {
    const { me } = await zacharias(cluster.a, "once");
    const wrong = { input: { password: "wrong" } };
    expect(await me.mutate<Outcome>(DELETE_ACCOUNT, wrong)).toMatchObject({
      code: "INVALID_CREDENTIALS",
    });
    const outcomes = await Promise.all([
      deletes(me),
      deletes(me.on(cluster.b)),
      deletes(me),
      deletes(me.on(cluster.b)),
    ]);
    expect(outcomes.filter(({ code }) => code === undefined)).toHaveLength(1);
    for (const { code } of outcomes)
      expect([undefined, "UNAUTHENTICATED", "INVALID_CREDENTIALS"]).toContain(code);
    expect(await deletes(me)).toMatchObject({ code: "UNAUTHENTICATED" });
  });

  test("a deleted owner's rooms pass to the moderator, or else the member, with the longest membership", async () => {
    const { me, id } = await zacharias(cluster.a, "landlord");
    const make = async (name: string): Promise<Room> => {
      const CREATE = `mutation($name: String!) { createRoom(input: { name: $name }) { ... on CreateRoomPayload { room { id } } } }`;
      return (await me.query<{ createRoom: { room: Room } }>(CREATE, { name })).createRoom.room;
    };
    const [withModerator, withMembers, alone] = [
      await make("With a moderator"),
      await make("With members"),
      await make("Alone"),
    ];
    const [old, young] = [seed.user("old-member"), seed.user("young-member")];
    for (const person of [old, young])
      for (const place of [withModerator, withMembers]) await person.joins(place);
    await database.query(
      `UPDATE "Membership" SET role = 'MODERATOR' WHERE "conversationId" = $1 AND "userId" = $2`,
      [uuidOf(withModerator.id), uuidOf((await young.signsUp()).user.id)],
    );
    const stream = await (await old.client()).on(cluster.b).subscribe({ query: PEOPLE });
    await stream.next();
    await deletes(me);
    const owners = await database.query<{ room: string; username: string | null }>(
      `SELECT r.name AS room, u.username FROM "Room" r
       LEFT JOIN "Membership" m ON m."conversationId" = r."conversationId" AND m.role = 'OWNER' AND m."leftPosition" IS NULL
       LEFT JOIN "User" u ON u.id = m."userId"
       WHERE r."conversationId" = ANY($1::uuid[]) ORDER BY r.name`,
      [[withModerator, withMembers, alone].map((place) => uuidOf(place.id))],
    );
    expect(owners).toEqual([
      { room: "Alone", username: null },
      { room: "With a moderator", username: "young-member" },
      { room: "With members", username: "old-member" },
    ]);
    await stream.next(({ __typename }) => (__typename as string) === "UserDeleted");
    expect(
      stream.all.filter(({ __typename }) => (__typename as string) === "MembershipChanged"),
    ).toHaveLength(2);
    const [{ left } = { left: 1 }] = await database.query<{ left: number }>(
      `SELECT count(*)::int AS left FROM "Membership" WHERE "userId" = $1 AND "leftPosition" IS NULL`,
      [uuidOf(id)],
    );
    expect(left).toBe(0);
    await stream.close();
  });

  test("an account cannot join rooms during its deletion", async () => {
    const rooms = await Promise.all(
      Array.from({ length: 8 }, (_, index) => ada.createsRoom(`Door ${index}`)),
    );
    const { me, id } = await zacharias(cluster.a, "runner");
    const tries = rooms.flatMap((door) =>
      [cluster.a, cluster.b].map((instance) => me.on(instance).send(JOIN, { id: door.id })),
    );
    await Promise.all([deletes(me), ...tries]);
    expect(
      await database.query(
        `SELECT 1 FROM "Membership" WHERE "userId" = $1 AND "leftPosition" IS NULL`,
        [uuidOf(id)],
      ),
    ).toEqual([]);
  });
});

/** Kills the server during a deletion; the next start must complete it. */
describeWith([], "a deletion that a crash interrupts", () => {
  let database: TestDatabase;
  let server: TestServer;
  let ada: Actor;

  beforeAll(async () => {
    database = await createDatabase();
    server = await startServer({ databaseUrl: database.url });
    ada = seedOn(server).user("ada");
    await ada.signsUp();
  });

  test("after removing the credential is completed at the next start", async () => {
    const { me, id } = await zacharias(server);
    // Delays the end of the memberships, which follows the removal of the credential.
    const holder = new pg.Client({ connectionString: database.url });
    onRelease(() => holder.end());
    await holder.connect();
    await holder.query("BEGIN");
    await holder.query(`SELECT 1 FROM "Membership" WHERE "userId" = $1 FOR UPDATE`, [uuidOf(id)]);
    const answer = deletes(me).catch(() => "no answer");
    await eventually(async () => {
      const rows = await database.query(`SELECT 1 FROM "AccountDeletion"`);
      const [waiting] = await database.query<{ count: number }>(
        `SELECT count(*)::int AS count FROM pg_stat_activity
         WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      return rows.length === 1 && (waiting?.count ?? 0) > 0;
    });
    await server.kill();
    expect(await answer).toBe("no answer");
    await holder.query("COMMIT");
    expect((await holding(database, NAME)).length).toBeGreaterThan(0);
    await server.restart();
    await eventually(async () => expect(await holding(database, NAME)).toEqual([]));
    // The first step has removed the credential.
    expect(
      await client(server)
        .as(me.token ?? "")
        .query("{ viewer { user { id } } }"),
    ).toEqual({
      viewer: null,
    });
    const [row] = await database.query<{ finished: boolean }>(
      `SELECT "finishedAt" IS NOT NULL AS finished FROM "AccountDeletion" WHERE "userId" = $1`,
      [uuidOf(id)],
    );
    expect(row).toEqual({ finished: true });
  });

  test("while deleting messages is completed at the next start", async () => {
    const COUNT = 3_000;
    const room = await ada.createsRoom("Wordy");
    const { me, id } = await zacharias(server, "wordy");
    await me.query(JOIN, { id: room.id });
    await ada.says(room, "ada's own words");
    await database.query(
      `WITH head AS (
         UPDATE "ConversationHead" SET "lastSeq" = "lastSeq" + $3::int, counted = counted + $3::int
         WHERE "conversationId" = $1 RETURNING "lastSeq" - $3::int AS base
       )
       INSERT INTO "Message" (id, "conversationId", seq, position, "authorId", "clientId", body)
       SELECT gen_random_uuid(), $1, head.base + n, 0, $2, gen_random_uuid(), 'words of wordy ' || n
       FROM head, generate_series(1, $3::int) n`,
      [uuidOf(room.id), uuidOf(id), COUNT],
    );
    const left = async (): Promise<number> => {
      const [row] = await database.query<{ count: number }>(
        `SELECT count(*)::int AS count FROM "Message" WHERE body LIKE 'words of wordy%'`,
      );
      return row?.count ?? -1;
    };
    const after = await cursorOf(ada);
    expect(await deletes(me, true)).toMatchObject({ __typename: "DeleteAccountPayload" });
    await eventually(async () => (await left()) < COUNT);
    await server.kill();
    const atCrash = await left();
    expect(atCrash).toBeGreaterThan(0);
    await server.restart();
    await eventually(async () => expect(await left()).toBe(0), { timeoutMs: 60_000 });
    const stays = await database.query(`SELECT 1 FROM "Message" WHERE body = 'ada''s own words'`);
    expect(stays).toHaveLength(1);
    // Each event was appended once despite the crash.
    const [counts] = await database.query<{ events: number; messages: number }>(
      `SELECT count(*)::int AS events, count(DISTINCT "messageId")::int AS messages
       FROM "Event" WHERE type = 'MESSAGE_DELETED'`,
    );
    expect(counts).toEqual({ events: COUNT, messages: COUNT });
    const replay = await (
      await ada.client()
    ).subscribe({
      query: EVENTS,
      variables: { after },
    });
    await replay.next(({ __typename }) => (__typename as string) === "UserDeleted");
    expect(JSON.stringify(replay.all)).not.toContain("words of wordy");
    await replay.close();
  });
});
