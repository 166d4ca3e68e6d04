import { createHash, randomBytes, randomUUID } from "node:crypto";
import pg from "pg";

export interface Crowd {
  tokens: string[];
  /** Global id of the room that they are all in. */
  conversationId: string;
}

/**
 * Puts people with sessions into a room, past the API: hashing their passwords would take longer than
 * the measurement. What is measured later goes through the API alone.
 */
export async function makeCrowd(databaseUrl: string, size: number): Promise<Crowd> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const room = randomUUID();
  const people = Array.from({ length: size }, () => ({
    id: randomUUID(),
    token: randomBytes(32).toString("base64url"),
  }));
  try {
    await client.query("BEGIN");
    await client.query(
      `INSERT INTO "Conversation" (id, kind, visibility) VALUES ($1, 'ROOM', 'PUBLIC')`,
      [room],
    );
    await client.query(
      `INSERT INTO "ConversationHead" ("conversationId", "memberCount") VALUES ($1, $2)`,
      [room, size],
    );
    await client.query(
      `INSERT INTO "Room" ("conversationId", slug, name) VALUES ($1, $2, 'Bench')`,
      [room, room],
    );
    const ids = people.map(({ id }) => id);
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
       SELECT gen_random_uuid(), $1, id, 0 FROM unnest($2::uuid[]) AS x (id)`,
      [room, ids],
    );
    await client.query("COMMIT");
  } finally {
    await client.end();
  }
  return {
    tokens: people.map(({ token }) => token),
    conversationId: Buffer.from(`Conversation:${room}`).toString("base64"),
  };
}
