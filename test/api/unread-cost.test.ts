import { randomUUID } from "node:crypto";
import pg from "pg";
import { expect, test } from "vitest";
import { createDatabase } from "../kit/database.ts";
import { onRelease } from "../kit/resources.ts";
import { seedOn } from "../kit/seed.ts";
import { startInProcess } from "../realtime/in-process.ts";
import { countStatements } from "./statements.ts";

const OVERVIEW = /* GraphQL */ `
  query Overview($counts: Boolean!) {
    viewer {
      unread @include(if: $counts) {
        messages
        mentions
        conversations
        badge
      }
      conversations {
        edges {
          node {
            id
            unreadCount @include(if: $counts)
            unreadMentionCount @include(if: $counts)
            viewerMark @include(if: $counts) {
              readCount
              revision
            }
          }
        }
      }
    }
  }
`;

test("unread counts cost two statements for any number of conversations", async () => {
  const statements = countStatements();
  const seed = seedOn(await startInProcess());
  const [ada, bob] = [seed.user("ada"), seed.user("bob")];
  const costOf = async (counts: boolean): Promise<number> => {
    const costs: number[] = [];
    // Background statements of the instance can only add to the count, so the minimum is the cost of the
    // query.
    for (let turn = 0; turn < 5; turn += 1) {
      statements.clear();
      await bob.query(OVERVIEW, { counts });
      costs.push(statements.texts.length);
    }
    return Math.min(...costs);
  };
  const join = async (name: string): Promise<void> => {
    const room = await ada.createsRoom(name);
    await bob.joins(room);
    for (const body of ["one", "hey @bob", "three"]) await ada.says(room, body);
  };
  await join("First");
  const few = (await costOf(true)) - (await costOf(false));
  for (const name of ["Second", "Third", "Fourth", "Fifth"]) await join(name);
  expect((await costOf(true)) - (await costOf(false))).toBe(few);
  expect(few).toBe(2);
});

test("moving a mark costs one statement, and so does a repeated move", async () => {
  const statements = countStatements();
  const seed = seedOn(await startInProcess());
  const [ada, bob] = [seed.user("ada"), seed.user("bob")];
  const room = await ada.createsRoom("Room");
  await bob.joins(room);
  for (let n = 0; n < 5; n += 1) await ada.says(room, `message ${n}`);
  const MARK = `mutation($input: MarkReadInput!) { markRead(input: $input) { ... on MarkReadPayload { mark { unreadCount } } } }`;
  const costs: number[] = [];
  for (const seq of [1, 2, 3, 4, 5, 5]) {
    statements.clear();
    await bob.mutate(MARK, { input: { conversationId: room.id, seq } });
    costs.push(statements.texts.filter((text) => !/Session|LogHead/.test(text)).length);
  }
  expect(Math.min(...costs)).toBe(1);
});

/**
 * Moves of a mark share the lock of the conversation, and deletions take it exclusively. Otherwise a
 * mark that moves over a message during its deletion would count the message forever.
 */
test("unread counts stay correct when read marks move over messages during their deletion", async () => {
  const { url } = await createDatabase();
  const pool = new pg.Pool({ connectionString: url, max: 12 });
  // The database ends its connections when it is removed.
  pool.on("error", () => undefined);
  onRelease(() => pool.end());
  const query = async <Row extends pg.QueryResultRow>(
    sql: string,
    values: unknown[] = [],
  ): Promise<Row[]> => (await pool.query<Row>(sql, values)).rows;
  const conversation = randomUUID();
  const people = Array.from({ length: 8 }, () => randomUUID());
  await query(`INSERT INTO "Conversation" (id, kind, visibility) VALUES ($1, 'ROOM', 'PUBLIC')`, [
    conversation,
  ]);
  await query(
    `INSERT INTO "User" (id, username, "usernameKey", "displayName")
     SELECT person, left(person::text, 32), left(person::text, 32), 'x' FROM unnest($1::uuid[]) person`,
    [people],
  );
  await query(
    `INSERT INTO "ConversationHead" ("conversationId", "lastSeq", counted) VALUES ($1, 200, 200)`,
    [conversation],
  );
  await query(
    `INSERT INTO "Membership" (id, "conversationId", "userId", "joinedPosition")
     SELECT gen_random_uuid(), $1, person, 0 FROM unnest($2::uuid[]) person`,
    [conversation, people],
  );
  const messages = await query<{ id: string; seq: number }>(
    `INSERT INTO "Message" (id, "conversationId", seq, position, "authorId", body)
     SELECT gen_random_uuid(), $1, n, n, $2, 'x' FROM generate_series(1, 200) n RETURNING id, seq`,
    [conversation, people[0]],
  );

  let next = 0;
  const erase = async (): Promise<void> => {
    const client = await pool.connect();
    try {
      for (let message = messages[next]; message; message = messages[next]) {
        next += 1;
        await client.query("BEGIN");
        await client.query(`UPDATE "Message" SET "deletedAt" = now() WHERE id = $1`, [message.id]);
        await client.query(`SELECT * FROM discount_message($1)`, [message.id]);
        await client.query("COMMIT");
      }
    } finally {
      client.release();
    }
  };
  /** Moves a mark back and forth over the message that is being deleted. */
  const move = async (person: string, steps: number): Promise<void> => {
    for (let step = steps; next < messages.length; step += 1) {
      const seq = Math.max(0, next - 2 + (step % 5));
      const isBack = step % 3 === 0;
      await query(
        `SELECT * FROM move_marks(ARRAY[$1::uuid], ARRAY[$2::uuid], ARRAY[$3::int], ARRAY[0], ARRAY[$4::int], true)`,
        [person, conversation, isBack ? 0 : seq, isBack ? seq : null],
      );
    }
  };
  await Promise.all([erase(), erase(), ...people.map(move)]);
  const wrong = await query(
    `SELECT m."lastReadSeq", m."readCounted" FROM "Membership" m
     WHERE m."readCounted" <> (
       SELECT count(*) FROM "Message" t
       WHERE t."conversationId" = m."conversationId" AND t.seq <= m."lastReadSeq" AND t."deletedAt" IS NULL
     )`,
  );
  expect(wrong).toEqual([]);
  expect(await query(`SELECT counted FROM "ConversationHead" WHERE counted <> 0`)).toEqual([]);
});
