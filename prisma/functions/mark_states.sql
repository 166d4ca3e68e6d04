CREATE OR REPLACE FUNCTION mark_states(people uuid[], conversations uuid[])
 RETURNS TABLE(membership uuid, person uuid, conversation uuid, "readSeq" integer, "deliveredSeq" integer, "readCount" integer, revision integer, "lastSeq" integer, counted integer, members integer, mentions integer, "position" bigint)
 LANGUAGE sql
 STABLE
AS $function$
  SELECT m.id, m."userId", m."conversationId", m."lastReadSeq", m."lastDeliveredSeq", m."readCounted", m."markRevision",
         h."lastSeq", h.counted, h."memberCount", called.n, log.position
  FROM (SELECT DISTINCT u.person, u.conversation FROM unnest(people, conversations) AS u (person, conversation)) wanted
  JOIN "Membership" m ON m."conversationId" = wanted.conversation AND m."userId" = wanted.person
    AND m."leftPosition" IS NULL
  JOIN "ConversationHead" h ON h."conversationId" = m."conversationId"
  CROSS JOIN LATERAL (
    -- A message may call a person by name and with everyone else besides.
    SELECT count(DISTINCT c."messageId")::int AS n
    FROM "Mention" c JOIN "Message" t ON t.id = c."messageId"
    WHERE c."userId" IN (m."userId", '00000000-0000-0000-0000-000000000000')
      AND c."conversationId" = m."conversationId" AND c.seq > m."lastReadSeq"
      AND t."authorId" <> m."userId" AND t."deletedAt" IS NULL AND t.position > m."joinedPosition"
  ) called
  JOIN "LogHead" log ON log.id = 1
$function$;
