import { randomUUID } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import { readConfig } from "../../server/config.ts";
import { makeSoloBus } from "../../server/infra/bus/solo-bus.ts";
import { openDatabase } from "../../server/infra/database/database.ts";
import { systemClock } from "../../server/kernel/clock.ts";
import { makeLogger } from "../../server/kernel/logger.ts";
import type { Services } from "../../server/graphql/services.ts";
import { createModules } from "../../server/modules.ts";
import { createDatabase, type TestDatabase } from "../kit/database.ts";
import { onRelease } from "../kit/resources.ts";
import { seedOn, type Actor, type Seed } from "../kit/seed.ts";
import { startServer } from "../kit/server.ts";
import { countStatements } from "./statements.ts";

let database: TestDatabase;
let services: Services;
let seed: Seed;

const uuid = (globalId: string): string => Buffer.from(globalId, "base64").toString().slice(-36);

beforeAll(async () => {
  database = await createDatabase();
  seed = seedOn(await startServer({ databaseUrl: database.url }));
  const own = openDatabase({ url: database.url, size: 8 });
  services = createModules({
    config: readConfig({}),
    database: own,
    bus: makeSoloBus(),
    redis: null,
    logger: makeLogger({ level: "warn", base: {} }),
    clock: systemClock,
    instanceId: randomUUID(),
  }).services;
  await services.log.start();
  onRelease(async () => {
    await services.log.stop();
    await own.close();
  });
});

async function leaveAllRooms(who: Actor): Promise<void> {
  const user = await services.users.byId(uuid((await who.signsUp()).user.id));
  if (user === null) throw new Error("the user does not exist");
  await services.log.write((unit) => services.leaveAll.leaveAll(unit, user, null));
}

async function rolesIn(roomId: string): Promise<Record<string, string>> {
  const rows = await database.query<{ username: string; role: string }>(
    `SELECT u.username, m.role FROM "Membership" m JOIN "User" u ON u.id = m."userId"
     WHERE m."conversationId" = $1 AND m."leftPosition" IS NULL ORDER BY m."joinedPosition"`,
    [uuid(roomId)],
  );
  return Object.fromEntries(rows.map(({ username, role }) => [username, role]));
}

test("leaving all rooms gives each owned room a new owner", async () => {
  const [ada, bob, cyd] = [seed.user("ada"), seed.user("bob"), seed.user("cyd")];
  const [toModerator, toMember, alone, hidden, other] = [
    await ada.createsRoom("With a moderator"),
    await ada.createsRoom("With members"),
    await ada.createsRoom("Alone"),
    await ada.createsRoom("Hidden and alone", { visibility: "PRIVATE" }),
    await bob.createsRoom("Somebody else's"),
  ];
  for (const person of [bob, cyd]) {
    await person.joins(toModerator);
    await person.joins(toMember);
  }
  await ada.joins(other);
  const cydId = (await cyd.signsUp()).user.id;
  await ada.does("setRole", { roomId: toModerator.id, userId: cydId, role: "MODERATOR" });
  await ada.does("inviteToRoom", { roomId: hidden.id, userId: cydId });
  const [stream, own] = [await bob.listens(), await ada.listens()];
  await leaveAllRooms(ada);

  expect(await rolesIn(toModerator.id)).toEqual({ bob: "MEMBER", cyd: "OWNER" });
  expect(await rolesIn(toMember.id)).toEqual({ bob: "OWNER", cyd: "MEMBER" });
  expect(await rolesIn(alone.id)).toEqual({});
  expect(await rolesIn(other.id)).toEqual({ bob: "OWNER" });
  const [head] = await database.query<{ archivedAt: Date | null; memberCount: number }>(
    `SELECT "archivedAt", "memberCount" FROM "ConversationHead" WHERE "conversationId" = $1`,
    [uuid(hidden.id)],
  );
  expect(head).toMatchObject({ archivedAt: expect.any(Date) as Date, memberCount: 0 });
  expect(await database.query(`SELECT 1 FROM "Invite"`)).toEqual([]);
  const { server } = await bob.query<{ server: { lobby: { id: string } } }>(
    "{ server { lobby { id } } }",
  );
  const due = new Set([toModerator.id, toMember.id, other.id, server.lobby.id]);
  await stream.next((event) => {
    if (event.__typename === "MemberLeft") due.delete(event.conversationId);
    return due.size === 0;
  });
  await bob.says(toMember, "after");
  await own.next(({ __typename }) => __typename === "MemberLeft");
  expect(own.all.some(({ __typename }) => __typename === "MessageSent")).toBe(false);
});

test("leaving five hundred rooms takes a constant number of statements", async () => {
  const [many, newOwner] = [seed.user("many"), seed.user("newOwner")];
  const [manyId, newOwnerId] = [
    (await many.signsUp()).user.id,
    (await newOwner.signsUp()).user.id,
  ].map(uuid);
  // Inserts into the database directly, because creating five hundred rooms would take too long.
  await database.query(
    `WITH room AS (SELECT gen_random_uuid() AS id, n FROM generate_series(1, 500) n),
     made AS (INSERT INTO "Conversation" (id, kind, visibility) SELECT id, 'ROOM', 'PUBLIC' FROM room),
     heads AS (INSERT INTO "ConversationHead" ("conversationId", "memberCount") SELECT id, 2 FROM room),
     named AS (INSERT INTO "Room" ("conversationId", slug, name) SELECT id, 'many-' || n, 'Many ' || n FROM room)
     INSERT INTO "Membership" (id, "conversationId", "userId", role, "joinedPosition")
     SELECT gen_random_uuid(), room.id, who.id, who.role::"Role", 0
     FROM room CROSS JOIN (VALUES ($1::uuid, 'OWNER'), ($2::uuid, 'MEMBER')) who(id, role)`,
    [manyId, newOwnerId],
  );
  const statements = countStatements();
  const before = performance.now();
  await leaveAllRooms(many);
  const took = performance.now() - before;
  expect(statements.texts.length, statements.texts.join("\n")).toBeLessThan(40);
  expect(took).toBeLessThan(5_000);
  const [count] = await database.query<{
    owned: number;
    mine: number;
    members: number;
    notes: number;
  }>(
    `SELECT (SELECT count(*)::int FROM "Membership" WHERE "userId" = $2 AND role = 'OWNER' AND "leftPosition" IS NULL) AS owned,
            (SELECT count(*)::int FROM "Membership" WHERE "userId" = $1 AND "leftPosition" IS NULL) AS mine,
            (SELECT sum(h."memberCount")::int FROM "ConversationHead" h JOIN "Room" r USING ("conversationId") WHERE r.slug LIKE 'many-%') AS members,
            (SELECT count(*)::int FROM "Message" WHERE "authorId" = $1 AND kind = 'SYSTEM') AS notes`,
    [manyId, newOwnerId],
  );
  expect(count).toEqual({ owned: 500, mine: 0, members: 500, notes: 1_000 });
});
