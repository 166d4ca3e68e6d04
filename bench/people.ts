import { createHash, randomBytes, randomUUID } from "node:crypto";
import pg from "pg";

/** People with sessions, evenly divided into rooms: person `n` is in room `n % rooms`. */
export interface Crowd {
  tokens: string[];
  userIds: string[];
  /** The room of each person: its id in the database. */
  rooms: string[];
}

/**
 * Puts people with sessions into rooms, past the API: hashing their passwords would take longer than
 * the measurement. What is measured later goes through the API alone.
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
