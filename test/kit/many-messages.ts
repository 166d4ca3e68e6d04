import pg from "pg";
import { RULES_VERSION } from "../../server/domain/search/index-entry.ts";

/** The words of the messages are `w1` to `w50000`; the n-th occurs about 1/n times as often as the first. */
export interface ManyMessages {
  /** Ids of private rooms, those with most messages first. */
  conversationIds: readonly string[];
  authorIds: readonly string[];
  /** One more private room with the requested number of messages; they are not searchable. */
  largeId: string;
  /** Its middle message, if there are any. */
  largeMiddleId: string;
}

const CONVERSATIONS = 2_000;
const AUTHORS = 5_000;
const VOCABULARY = 50_000;
/** Pieces of four words; three make a message. */
const PIECES = 60_000;

const LARGE_ID = "40000000-0000-7000-8000-000000000000";

/** Number of newest messages whose events are still in the log. */
const LOGGED = 50_000;

/** Formats a UUID as in the search index. */
const MARK = (id: string): string =>
  `translate(rtrim(encode(uuid_send(${id}), 'base64'), '='), '+/', '-_')`;

/**
 * Fills an empty, migrated database with reproducible messages and their index. It drops foreign keys,
 * and a crash of PostgreSQL would lose the messages: only for tests and benches.
 *
 * @param url of a dedicated database
 * @param count number of messages; a million take about half a minute
 * @param large number of further messages in a single conversation
 */
export async function seedManyMessages(
  url: string,
  count: number,
  large = 0,
): Promise<ManyMessages> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const run = async <Row extends pg.QueryResultRow>(sql: string): Promise<Row[]> =>
    (await client.query<Row>(sql)).rows;
  try {
    await run(
      `SET maintenance_work_mem = '256MB'; SET synchronous_commit = off; SET jit = off; SELECT setseed(0.42)`,
    );
    await run(`DO $$ DECLARE r record; BEGIN
      FOR r IN SELECT conrelid::regclass AS t, conname FROM pg_constraint WHERE contype = 'f' LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', r.t, r.conname);
      END LOOP; END $$`);
    const indexes = await run<{ name: string; definition: string }>(`
      SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS definition FROM pg_index i
      WHERE i.indrelid IN ('"Message"'::regclass, '"MessageSearch"'::regclass) AND NOT i.indisprimary`);
    for (const { name } of indexes) await run(`DROP INDEX ${name}`);
    for (const table of ["Message", "MessageSearch"]) {
      await run(`ALTER TABLE "${table}" SET UNLOGGED`);
    }
    // A table that autovacuum works on cannot be dropped.
    const tables = await run<{ name: string }>(
      `SELECT c.oid::regclass::text AS name FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace`,
    );
    for (const { name } of tables) await run(`ALTER TABLE ${name} SET (autovacuum_enabled = off)`);

    await run(`
      CREATE TEMP TABLE place AS SELECT n, ('10000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid AS id FROM generate_series(1, ${CONVERSATIONS}) n;
      CREATE TEMP TABLE author AS SELECT n, ('20000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid AS id FROM generate_series(1, ${AUTHORS}) n;
      CREATE TEMP TABLE piece AS
        SELECT f AS n, string_agg('w' || floor(exp(random() * ln(${VOCABULARY})))::int, ' ') AS text
        FROM generate_series(1, ${PIECES}) f, generate_series(1, 4) GROUP BY f;
      ALTER TABLE piece ADD PRIMARY KEY (n); ALTER TABLE place ADD PRIMARY KEY (n); ALTER TABLE author ADD PRIMARY KEY (n);
      ANALYZE piece; ANALYZE place; ANALYZE author;
      INSERT INTO "Conversation" (id, kind, visibility) SELECT id, 'ROOM', 'PRIVATE' FROM place;
      INSERT INTO "Room" ("conversationId", slug, name) SELECT id, 'place-' || n, 'Place ' || n FROM place;
      INSERT INTO "User" (id, username, "usernameKey", "displayName") SELECT id, 'author-' || n, 'author-' || n, 'Author ' || n FROM author`);
    // A few conversations have many messages and many have few; every tenth message has a link.
    await run(`
      INSERT INTO "Message" (id, "conversationId", seq, position, "authorId", body, "createdAt")
      SELECT ('30000000-0000-7000-8000-' || lpad(g.n::text, 12, '0'))::uuid, place.id,
             row_number() OVER (PARTITION BY place.id ORDER BY g.n), g.n, author.id,
             a.text || ' ' || b.text || ' ' || c.text || CASE WHEN g.n % 10 = 0 THEN ' https://link' ELSE '' END,
             timestamptz '2024-01-01' + g.n * interval '30 s'
      FROM (
        SELECT n, 1 + floor(${CONVERSATIONS} * power(random(), 2))::int AS place, 1 + floor(${AUTHORS} * random())::int AS author,
               1 + floor(${PIECES} * random())::int AS a, 1 + floor(${PIECES} * random())::int AS b, 1 + floor(${PIECES} * random())::int AS c
        FROM generate_series(1::bigint, ${count}) n
      ) g
      JOIN place ON place.n = g.place JOIN author ON author.n = g.author
      JOIN piece a ON a.n = g.a JOIN piece b ON b.n = g.b JOIN piece c ON c.n = g.c ORDER BY g.n`);
    await run(`
      INSERT INTO "MessageSearch" ("messageId", "conversationId", position, "createdAt", words)
      SELECT id, "conversationId", position, "createdAt",
             to_tsvector('simple', replace(body, 'https://link', 'https link')) || array_to_tsvector(array[
               '@' || ${MARK('"authorId"')}, '~0:' || (position >> 13), '~1:' || (position >> 17),
               '~2:' || (position >> 21), '~3:' || (position >> 25)] || CASE WHEN position % 10 = 0 THEN array['#link'] ELSE '{}' END)
      FROM "Message" ORDER BY position`);
    await run(`
      INSERT INTO "Event" (position, at, type, topic, "messageId")
      SELECT position, "createdAt", 'MESSAGE_SENT', "conversationId", id FROM "Message"
      WHERE position > ${count - LOGGED} ORDER BY position`);
    if (large > 0) await seedLarge(run, large);
    await run(`
      INSERT INTO "ConversationHead" ("conversationId", "lastSeq", counted, "lastActivityAt")
      SELECT "conversationId", count(*), count(*), max("createdAt") FROM "Message" GROUP BY 1;
      UPDATE "LogHead" SET position = ${count};
      UPDATE "SearchIndex" SET position = ${count}, version = ${RULES_VERSION}, "filledTo" = NULL`);
    for (const { definition } of indexes) await run(definition);
    await run("ANALYZE");
    const idsOf = async (table: string): Promise<string[]> =>
      (await run<{ id: string }>(`SELECT id FROM ${table} ORDER BY n`)).map(({ id }) => id);
    return {
      conversationIds: await idsOf("place"),
      authorIds: await idsOf("author"),
      largeId: LARGE_ID,
      largeMiddleId: `50000000-0000-7000-8000-${String(Math.ceil(large / 2)).padStart(12, "0")}`,
    };
  } finally {
    await client.end();
  }
}

/** They precede all others in the log, which no longer contains their events. */
async function seedLarge(run: (sql: string) => Promise<unknown>, count: number): Promise<void> {
  await run(`
    INSERT INTO "Conversation" (id, kind, visibility) VALUES ('${LARGE_ID}', 'ROOM', 'PRIVATE');
    INSERT INTO "Room" ("conversationId", slug, name) VALUES ('${LARGE_ID}', 'large', 'Large');
    INSERT INTO "Message" (id, "conversationId", seq, position, "authorId", body, "createdAt")
    SELECT ('50000000-0000-7000-8000-' || lpad(g.n::text, 12, '0'))::uuid, '${LARGE_ID}', g.n, 0, author.id,
           a.text || ' ' || b.text, timestamptz '2023-01-01' + g.n * interval '30 s'
    FROM (
      SELECT n, 1 + floor(${AUTHORS} * random())::int AS author, 1 + floor(${PIECES} * random())::int AS a,
             1 + floor(${PIECES} * random())::int AS b FROM generate_series(1, ${count}) n
    ) g JOIN author ON author.n = g.author JOIN piece a ON a.n = g.a JOIN piece b ON b.n = g.b ORDER BY g.n`);
}

/** Makes a user a member of conversations of `seedManyMessages`. */
export async function joinMany(
  url: string,
  userId: string,
  conversationIds: readonly string[],
): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(
      `INSERT INTO "Membership" (id, "conversationId", "userId", "joinedPosition", "lastReadSeq")
       SELECT gen_random_uuid(), c, $1::uuid, 0, 0 FROM unnest($2::uuid[]) c`,
      [userId, conversationIds],
    );
    await client.query(`ANALYZE "Membership"`);
  } finally {
    await client.end();
  }
}
