CREATE OR REPLACE FUNCTION log_append_message(ids uuid[], conversations uuid[], authors uuid[], clients uuid[], bodies text[], replies uuid[], extras jsonb[])
 RETURNS TABLE(ord bigint, status text, id uuid, seq integer, "position" bigint, at timestamp with time zone, until timestamp with time zone)
 LANGUAGE plpgsql
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
AS $function$
DECLARE
  member_id uuid;
  counted int;
BEGIN
  SELECT h.position + 1 INTO STRICT "position" FROM "LogHead" h WHERE h.id = 1 FOR UPDATE;
  "at" := date_trunc('milliseconds', clock_timestamp());
  IF replies[1] IS NULL AND extras[1] IS NULL THEN
    -- Heads and memberships change only while the log's head is locked.
    SELECT m.id INTO member_id
    FROM "Membership" m JOIN "ConversationHead" h ON h."conversationId" = m."conversationId"
    WHERE m."conversationId" = conversations[1] AND m."userId" = authors[1] AND m."leftPosition" IS NULL
      AND NOT m.blocked AND (m."mutedUntil" > "at") IS NOT TRUE
      AND h."archivedAt" IS NULL AND h."slowModeSeconds" = 0
      AND NOT EXISTS (
        SELECT FROM "Message" earlier WHERE earlier."authorId" = authors[1] AND earlier."clientId" = clients[1]
      );
  END IF;
  IF member_id IS NULL THEN
    RETURN QUERY SELECT * FROM log_append_messages(ids, conversations, authors, clients, bodies, replies, extras);
    RETURN;
  END IF;

  UPDATE "LogHead" h SET position = log_append_message."position" WHERE h.id = 1;
  UPDATE "ConversationHead" h
  SET "lastSeq" = h."lastSeq" + 1, counted = h.counted + 1, "lastActivityAt" = log_append_message."at"
  WHERE h."conversationId" = conversations[1]
  RETURNING h."lastSeq", h.counted INTO STRICT seq, counted;
  INSERT INTO "Message" (id, "conversationId", seq, position, "authorId", "clientId", body, "createdAt")
  VALUES (ids[1], conversations[1], seq, "position", authors[1], clients[1], bodies[1], "at");
  INSERT INTO "Event" (position, at, type, topic, "messageId")
  VALUES ("position", "at", 'MESSAGE_SENT', conversations[1], ids[1]);
  -- Who writes has read what stands above.
  UPDATE "Membership" mine
  SET "lastReadSeq" = seq, "readCounted" = counted, "lastDeliveredSeq" = seq, "lastSentAt" = "at"
  WHERE mine.id = member_id;

  ord := 1;
  status := 'SENT';
  id := ids[1];
  RETURN NEXT;
END
$function$;
