import { createHash, randomBytes, randomUUID } from "node:crypto";
import pg from "pg";

/** Users with sessions, evenly divided into rooms: user `n` is in room `n % rooms`. */
export interface Crowd {
  tokens: string[];
  userIds: string[];
  /** The room id of each user. */
  rooms: string[];
}

/**
 * Inserts users with sessions and rooms into the database, because hashing their passwords would take
 * longer than the measurement. All measured operations use the API.
 */
export async function makeCrowd(databaseUrl: string, size: number, rooms: number): Promise<Crowd> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const roomIds = Array.from({ length: rooms }, () => randomUUID());
  const people = Array.from({ length: size }, (_, index) => ({
    id: randomUUID(),
    token: randomBytes(32).toString("base64url"),
    room: roomIds[index % rooms] ?? "",
  }));
  const ids = people.map(({ id }) => id);
  try {
    await client.query("BEGIN");
    await client.query(
      `INSERT INTO "Conversation" (id, kind, visibility) SELECT id, 'ROOM', 'PUBLIC' FROM unnest($1::uuid[]) AS x (id)`,
      [roomIds],
    );
    await client.query(
      `INSERT INTO "ConversationHead" ("conversationId", "memberCount") SELECT id, $2 FROM unnest($1::uuid[]) AS x (id)`,
      [roomIds, size / rooms],
    );
    await client.query(
      `INSERT INTO "Room" ("conversationId", slug, name) SELECT id, id::text, 'Bench' FROM unnest($1::uuid[]) AS x (id)`,
      [roomIds],
    );
    await client.query(
      `INSERT INTO "User" (id, username, "usernameKey", "displayName")
       SELECT id, 'u' || left(id::text, 8) || right(id::text, 12), 'u' || left(id::text, 8) || right(id::text, 12), 'Somebody'
       FROM unnest($1::uuid[]) AS x (id)`,
      [ids],
    );
    await client.query(
      `INSERT INTO "Session" (id, "userId", "tokenHash", device, address, "expiresAt", "aliveUntil")
       SELECT gen_random_uuid(), id, hash, 'bench', '', now() + interval '1 day', now()
       FROM unnest($1::uuid[], $2::bytea[]) AS x (id, hash)`,
      [ids, people.map(({ token }) => createHash("sha256").update(token).digest())],
    );
    await client.query(
      `INSERT INTO "Membership" (id, "conversationId", "userId", "joinedPosition")
       SELECT gen_random_uuid(), room, id, 0 FROM unnest($1::uuid[], $2::uuid[]) AS x (room, id)`,
      [people.map(({ room }) => room), ids],
    );
    await client.query("COMMIT");
  } finally {
    await client.end();
  }
  return {
    tokens: people.map(({ token }) => token),
    userIds: ids,
    rooms: people.map(({ room }) => room),
  };
}

/** Words of the messages: enough that no two messages are equal. */
const VOCABULARY =
  "the of and to in is you that it he was for on are with as they be at one have this from or had by hot but some what there we can out other were all your when up use word how said an each she which do their time if will way about many then them would write like so these her long make thing see him two has look more day could go come did my sound no most number who over know water than call first people may down side been now find any new work part take get place made live where after back little only round man year came show every good me give our under name very through just form much great think say help low line before turn cause same mean differ move right boy old too does tell";

/**
 * Adds a user to rooms with other members, with realistic ids and messages, some of them unread.
 *
 * @param messages in each room
 */
export async function makeRooms(
  databaseUrl: string,
  userId: string,
  rooms: number,
  messages: number,
): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query("BEGIN");
    await client.query(
      `CREATE TEMP TABLE room ON COMMIT DROP AS
         SELECT n, uuidv7(random() * interval '-500 days') AS id FROM generate_series(1, $1::int) n`,
      [rooms],
    );
    await client.query(
      `CREATE TEMP TABLE author ON COMMIT DROP AS
         SELECT n, uuidv7(random() * interval '-500 days') AS id FROM generate_series(1, 100) n`,
    );
    await client.query(`
      INSERT INTO "User" (id, username, "usernameKey", "displayName")
      SELECT id, 'a' || right(id::text, 12), 'a' || right(id::text, 12), 'Author ' || n FROM author`);
    await client.query(
      `INSERT INTO "Conversation" (id, kind, visibility) SELECT id, 'ROOM', 'PRIVATE' FROM room`,
    );
    await client.query(`
      INSERT INTO "Room" ("conversationId", slug, name, topic)
      SELECT id, 'room-' || right(id::text, 12), 'Room ' || n, CASE WHEN n % 3 = 0 THEN 'What room ' || n || ' is about' END FROM room`);
    await client.query(
      `INSERT INTO "ConversationHead" ("conversationId", "memberCount", "lastSeq", counted, "lastActivityAt")
       SELECT id, 1 + floor(random() * 100)::int, $1, $1, now() - random() * interval '30 days' FROM room`,
      [messages],
    );
    await client.query(
      `INSERT INTO "Membership" (id, "conversationId", "userId", "joinedPosition", "lastReadSeq", "readCounted")
       SELECT uuidv7(), id, $1::uuid, 0, read, read
       FROM (SELECT id, CASE WHEN n % 4 = 0 THEN floor(random() * $2)::int ELSE $2::int END AS read FROM room) AS room`,
      [userId, messages],
    );
    await client.query(
      `WITH said AS (SELECT string_to_array($2, ' ') AS words)
       INSERT INTO "Message" (id, "conversationId", seq, position, "authorId", "clientId", body, "createdAt")
       SELECT uuidv7(), room.id, seq, 0, author.id, uuidv7(),
              (SELECT string_agg(words[1 + floor(random() * cardinality(words))::int + 0 * (place + seq)], ' ')
               FROM generate_series(1, 12) place),
              now() - random() * interval '30 days'
       FROM said, room CROSS JOIN generate_series(1, $1::int) seq
       JOIN author ON author.n = 1 + (room.n * 7 + seq * 13) % 100`,
      [messages, VOCABULARY],
    );
    await client.query("COMMIT");
    await client.query(
      `ANALYZE "Message", "Membership", "Conversation", "ConversationHead", "Room"`,
    );
  } finally {
    await client.end();
  }
}
