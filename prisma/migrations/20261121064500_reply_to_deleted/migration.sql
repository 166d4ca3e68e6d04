-- The same as before, but that a deleted message cannot be answered.

-- Stores a batch of messages with their events. Answers one row for each item, in their order, whose
-- status is SENT, DUPLICATE (this author used this client id before: the first message is named),
-- NOT_A_MEMBER, NO_SUCH_REPLY or REPLY_DELETED (what it answers is no longer there to be answered).
-- Callers give every item a client id and none twice in a batch.
CREATE OR REPLACE FUNCTION log_append_messages(
  ids uuid[], conversations uuid[], authors uuid[], clients uuid[], bodies text[], replies uuid[]
)
RETURNS TABLE (ord bigint, status text, id uuid, seq int, "position" bigint, "at" timestamptz)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  base bigint;
  stamp timestamptz;
BEGIN
  SELECT h.position INTO STRICT base FROM "LogHead" h WHERE h.id = 1 FOR UPDATE;
  stamp := date_trunc('milliseconds', clock_timestamp());
  RETURN QUERY
    WITH item AS (
      SELECT * FROM unnest(ids, conversations, authors, clients, bodies, replies)
        WITH ORDINALITY AS u (id, conversation, author, client, body, reply, ord)
    ), judged AS (
      SELECT item.*, earlier.id AS earlier_id, earlier.seq AS earlier_seq,
             earlier.position AS earlier_position, earlier."createdAt" AS earlier_at,
             CASE
               WHEN earlier.id IS NOT NULL THEN 'DUPLICATE'
               WHEN member.id IS NULL THEN 'NOT_A_MEMBER'
               WHEN item.reply IS NOT NULL AND answered.id IS NULL THEN 'NO_SUCH_REPLY'
               WHEN answered."deletedAt" IS NOT NULL THEN 'REPLY_DELETED'
               ELSE 'SENT'
             END AS verdict
      FROM item
      LEFT JOIN "Message" earlier ON earlier."authorId" = item.author AND earlier."clientId" = item.client
      LEFT JOIN "Membership" member ON member."conversationId" = item.conversation
        AND member."userId" = item.author AND member."leftPosition" IS NULL
      LEFT JOIN "Message" answered ON answered.id = item.reply AND answered."conversationId" = item.conversation
    ), fresh AS (
      SELECT judged.*,
             row_number() OVER (ORDER BY judged.ord) AS place,
             row_number() OVER (PARTITION BY judged.conversation ORDER BY judged.ord) AS step
      FROM judged WHERE judged.verdict = 'SENT'
    ), heads AS (
      UPDATE "ConversationHead" h SET "lastSeq" = h."lastSeq" + grown.n, "lastActivityAt" = stamp
      FROM (SELECT fresh.conversation, count(*)::int AS n FROM fresh GROUP BY 1) grown
      WHERE h."conversationId" = grown.conversation
      RETURNING h."conversationId" AS conversation, h."lastSeq" - grown.n AS base_seq
    ), written AS (
      INSERT INTO "Message" AS m
        (id, "conversationId", seq, position, "authorId", "clientId", body, "replyToId", "createdAt")
      SELECT fresh.id, fresh.conversation, heads.base_seq + fresh.step, base + fresh.place,
             fresh.author, fresh.client, fresh.body, fresh.reply, stamp
      FROM fresh JOIN heads ON heads.conversation = fresh.conversation
      RETURNING m.id, m.seq, m.position, m."conversationId", m."authorId"
    ), logged AS (
      INSERT INTO "Event" (position, at, type, topic, "messageId")
      SELECT written.position, stamp, 'MESSAGE_SENT', written."conversationId", written.id FROM written
    ), own AS (
      -- Who writes has read what stands above.
      UPDATE "Membership" mine SET "lastReadSeq" = newest.seq
      FROM (SELECT w."conversationId", w."authorId", max(w.seq) AS seq FROM written w GROUP BY 1, 2) newest
      WHERE mine."conversationId" = newest."conversationId" AND mine."userId" = newest."authorId"
    ), advanced AS (
      UPDATE "LogHead" h SET position = base + (SELECT count(*) FROM fresh) WHERE h.id = 1
    )
    SELECT judged.ord, judged.verdict,
           coalesce(written.id, judged.earlier_id), coalesce(written.seq, judged.earlier_seq),
           coalesce(written.position, judged.earlier_position), coalesce(judged.earlier_at, stamp)
    FROM judged LEFT JOIN written ON written.id = judged.id
    ORDER BY judged.ord;
END
$$;
