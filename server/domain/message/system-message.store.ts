import type { Db } from "../../infra/database/database.ts";
import type { Place } from "../../log/event.ts";
import type { SystemMessage } from "./system-message.ts";

/** A system message with its id and log position. */
export type PlacedSystemMessage = SystemMessage & { id: string } & Place;

/**
 * Stores system messages as the next messages of their conversations. They do not count as readable and
 * are no activity. Requires that the unit has locked the log.
 */
export async function insertSystemMessages(
  tx: Db,
  notes: readonly PlacedSystemMessage[],
): Promise<void> {
  const items = notes.map(({ id, conversationId, actorId, position, at, ...note }) => ({
    id,
    conversationId,
    actorId,
    position,
    at,
    system: { type: note.type, targetId: note.targetId ?? null, value: note.value ?? null },
  }));
  await tx.prisma.$executeRaw`
    WITH item AS (
      SELECT * FROM jsonb_to_recordset(${JSON.stringify(items)}::jsonb) AS i
        (id uuid, "conversationId" uuid, "actorId" uuid, position bigint, at timestamptz, system jsonb)
    ), heads AS (
      UPDATE "ConversationHead" h SET "lastSeq" = h."lastSeq" + grown.n
      FROM (SELECT "conversationId", count(*)::int AS n FROM item GROUP BY 1) grown
      WHERE h."conversationId" = grown."conversationId"
      RETURNING h."conversationId", h."lastSeq" - grown.n AS base
    )
    INSERT INTO "Message" (id, "conversationId", seq, position, "authorId", kind, body, system, "createdAt")
    SELECT item.id, item."conversationId",
           heads.base + row_number() OVER (PARTITION BY item."conversationId" ORDER BY item.position),
           item.position, item."actorId", 'SYSTEM', '', item.system, item.at
    FROM item JOIN heads ON heads."conversationId" = item."conversationId"`;
}
