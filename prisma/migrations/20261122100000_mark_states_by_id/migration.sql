-- As before, but that the log's head is named: connections that never scan a table would take reading the one
-- row of it for the most costly of all plans, and hold all other differences for nothing beside it.
-- The marks of people in conversations as they stand, with what is unread: all numbers of one moment.
-- `people` and `conversations` are pairs; who is not a member is missing from the answer.
CREATE OR REPLACE FUNCTION mark_states(people uuid[], conversations uuid[])
RETURNS TABLE (
  membership uuid, person uuid, conversation uuid, "readSeq" int, "deliveredSeq" int, "readCount" int, revision int,
  "lastSeq" int, counted int, members int, mentions int, "position" bigint
)
LANGUAGE sql STABLE AS $$
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
$$;
