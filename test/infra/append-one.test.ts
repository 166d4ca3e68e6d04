import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { createDatabase, type TestDatabase } from "../kit/database.ts";

const PEOPLE = 3;
const STEPS = 60;
const NONE = -1;

let database: TestDatabase;
const people = Array.from({ length: PEOPLE }, () => randomUUID());

beforeAll(async () => {
  database = await createDatabase();
  await database.query(
    `INSERT INTO "User" (id, username, "usernameKey", "displayName")
     SELECT id, left(id::text, 13), left(id::text, 13), 'Somebody' FROM unnest($1::uuid[]) AS x (id)`,
    [people],
  );
});

/** A send, or a change of sender and conversation between sends. */
type Step =
  | {
      kind: "send";
      author: number;
      repeats: number;
      replies: number;
      thread: number;
      calls: boolean;
    }
  | { kind: "change"; author: number; change: string };

/** Changes of the conversation `$1`, or of the user `$2` in it. */
const CHANGES = {
  archived: `UPDATE "ConversationHead" SET "archivedAt" = now() WHERE "conversationId" = $1 AND $2::uuid IS NOT NULL`,
  open: `UPDATE "ConversationHead" SET "archivedAt" = NULL WHERE "conversationId" = $1 AND $2::uuid IS NOT NULL`,
  slow: `UPDATE "ConversationHead" SET "slowModeSeconds" = 600 WHERE "conversationId" = $1 AND $2::uuid IS NOT NULL`,
  fast: `UPDATE "ConversationHead" SET "slowModeSeconds" = 0 WHERE "conversationId" = $1 AND $2::uuid IS NOT NULL`,
  muted: `UPDATE "Membership" SET "mutedUntil" = now() + interval '1 day' WHERE "conversationId" = $1 AND "userId" = $2`,
  unmuted: `UPDATE "Membership" SET "mutedUntil" = now() - interval '1 day' WHERE "conversationId" = $1 AND "userId" = $2`,
  blocked: `UPDATE "Membership" SET blocked = true WHERE "conversationId" = $1 AND "userId" = $2`,
  unblocked: `UPDATE "Membership" SET blocked = false WHERE "conversationId" = $1 AND "userId" = $2`,
  left: `UPDATE "Membership" SET "leftPosition" = 1 WHERE "conversationId" = $1 AND "userId" = $2`,
  back: `UPDATE "Membership" SET "leftPosition" = NULL WHERE "conversationId" = $1 AND "userId" = $2`,
  moderator: `UPDATE "Membership" SET role = 'MODERATOR' WHERE "conversationId" = $1 AND "userId" = $2`,
  deleted: `UPDATE "Message" SET "deletedAt" = now(), body = '' WHERE "conversationId" = $1 AND "authorId" = $2`,
};

const author = fc.nat({ max: PEOPLE - 1 });
const earlier = fc.oneof({ weight: 4, arbitrary: fc.constant(NONE) }, fc.nat({ max: 20 }));
const steps = fc.array(
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant("send" as const),
        author,
        repeats: earlier,
        replies: earlier,
        thread: earlier,
        calls: fc.integer({ min: 0, max: 9 }).map((one) => one === 0),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant("change" as const),
        author,
        change: fc.constantFrom(...Object.keys(CHANGES)),
      }),
    },
  ),
  { minLength: STEPS / 2, maxLength: STEPS },
);

const said: Step = {
  kind: "send",
  author: 0,
  repeats: NONE,
  replies: NONE,
  thread: NONE,
  calls: false,
};
const now = (change: string): Step => ({ kind: "change", author: 0, change });
/** Steps that reach all outcomes of a send. */
const ALL: Step[] = [
  said,
  { ...said, repeats: 0 },
  { ...said, replies: 0 },
  { ...said, replies: 99 },
  { ...said, thread: 99 },
  ...[now("deleted"), { ...said, replies: 0 }],
  ...[now("slow"), said, now("moderator"), said, now("fast")],
  ...[now("muted"), said, now("unmuted"), said],
  ...[now("blocked"), said, now("unblocked")],
  ...[now("left"), said, now("back")],
  ...[now("archived"), said],
];

/** One of two conversations with the same steps, each through a different function. */
class Twin {
  readonly id = randomUUID();
  readonly #append: string;
  readonly #sent: { id: string; clientId: string }[] = [];

  constructor(append: string) {
    this.#append = append;
  }

  async begin(): Promise<void> {
    await database.query(
      `INSERT INTO "Conversation" (id, kind, visibility) VALUES ($1, 'ROOM', 'PUBLIC')`,
      [this.id],
    );
    await database.query(
      `INSERT INTO "ConversationHead" ("conversationId", "memberCount") VALUES ($1, $2)`,
      [this.id, PEOPLE],
    );
    await database.query(
      `INSERT INTO "Membership" (id, "conversationId", "userId", "joinedPosition")
       SELECT gen_random_uuid(), $1, id, 0 FROM unnest($2::uuid[]) AS x (id)`,
      [this.id, people],
    );
  }

  /** Runs a step. Returns its outcome without values that differ between the twins. */
  async take(step: Step): Promise<unknown> {
    const person = people[step.author];
    if (step.kind === "change") {
      await database.query(CHANGES[step.change as keyof typeof CHANGES], [this.id, person]);
      return null;
    }
    const nth = (index: number): { id: string; clientId: string } | null =>
      index === NONE ? null : (this.#sent[index] ?? { id: randomUUID(), clientId: randomUUID() });
    const sent = { id: randomUUID(), clientId: nth(step.repeats)?.clientId ?? randomUUID() };
    this.#sent.push(sent);
    const thread = nth(step.thread)?.id ?? null;
    const extra =
      thread === null && !step.calls
        ? null
        : { thread, mentions: null, targets: step.calls ? [people[0]] : [] };
    const before = await this.#head();
    const [row] = await database.query<{
      status: string;
      id: string | null;
      position: string | null;
      at: Date;
      until: Date | null;
    }>(
      `SELECT * FROM ${this.#append}($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::uuid[], $7::jsonb[])`,
      [
        [sent.id],
        [this.id],
        [person],
        [sent.clientId],
        ["what is said"],
        [nth(step.replies)?.id ?? null],
        [extra],
      ],
    );
    if (row === undefined) throw new Error("unanswered");
    const { id, position, until, at: _, ...rest } = row;
    return {
      ...rest,
      // The other twin has the same messages at other positions.
      id: this.#sent.findIndex((message) => message.id === id),
      advanced: (await this.#head()) - before,
      // The twins alternate in the log, so distances to earlier messages differ.
      place: rest.status === "SENT" ? Number(position) - before : null,
      isUntil: until !== null,
    };
  }

  async #head(): Promise<number> {
    const [head] = await database.query<{ position: string }>(`SELECT position FROM "LogHead"`);
    return Number(head?.position);
  }

  /** Returns all stored data of the conversation, without ids, positions and times. */
  async stored(): Promise<unknown> {
    const ask = (sql: string): Promise<unknown[]> => database.query(sql, [this.id]);
    return {
      head: await ask(
        `SELECT "lastSeq", counted, "lastActivityAt" = (SELECT max("createdAt") FROM "Message" WHERE "conversationId" = $1) AS active
         FROM "ConversationHead" WHERE "conversationId" = $1`,
      ),
      members: await ask(
        `SELECT "lastReadSeq", "readCounted", "lastDeliveredSeq", "markRevision", "lastSentAt" IS NULL AS silent
         FROM "Membership" WHERE "conversationId" = $1 ORDER BY "userId"`,
      ),
      messages: await ask(
        `SELECT to_jsonb(m) - '{id,conversationId,position,clientId,replyToId,threadRootId,createdAt,deletedAt}'::text[] AS message,
                m."createdAt" = e.at AS same, e.type, e.payload, e.authority, e.topic = m."conversationId" AS topic
         FROM "Message" m JOIN "Event" e ON e.position = m.position AND e."messageId" = m.id
         WHERE m."conversationId" = $1 ORDER BY m.seq`,
      ),
      mentions: await ask(
        `SELECT "userId", seq FROM "Mention" WHERE "conversationId" = $1 ORDER BY seq, "userId"`,
      ),
      threads: await ask(
        `SELECT "replyCount" FROM "Thread" WHERE "conversationId" = $1 ORDER BY "replyCount"`,
      ),
    };
  }
}

test("a message has the same outcome when appended alone as in a batch", async () => {
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(steps, async (story) => {
      const twins = [new Twin("log_append_message"), new Twin("log_append_messages")] as const;
      for (const twin of twins) await twin.begin();
      for (const step of story) {
        const [alone, among] = [await twins[0].take(step), await twins[1].take(step)];
        expect(alone).toEqual(among);
        if (alone !== null) seen.add((alone as { status: string }).status);
      }
      expect(await twins[0].stored()).toEqual(await twins[1].stored());
    }),
    { numRuns: 12, examples: [[ALL]] },
  );
  // Ensures that the steps reach every outcome.
  expect([...seen].sort()).toEqual([
    "ARCHIVED",
    "BLOCKED",
    "DUPLICATE",
    "MUTED",
    "NOT_A_MEMBER",
    "NO_SUCH_REPLY",
    "NO_SUCH_THREAD",
    "REPLY_DELETED",
    "SENT",
    "SLOW_MODE",
  ]);
});
