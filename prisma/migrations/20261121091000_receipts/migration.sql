-- AlterTable
ALTER TABLE "Membership" ADD COLUMN     "markRevision" INTEGER NOT NULL DEFAULT 0;

-- What follows keeps one invariant at every moment: a membership's `readCounted` is the number of
-- messages of the kind TEXT that are not deleted and whose seq is at most its `lastReadSeq`.
--
-- Marks move without the log's head, because every reader moves one for every message. Sending needs
-- nothing for that: what it stores lies beyond every mark but the author's own, which it sets whole. Only
-- a deletion changes what lies below marks. So marks of a conversation pass a gate together, and a
-- deletion passes it alone: whichever of two comes second counts what the first has left. The gates are
-- 64 advisory locks, so that no transaction takes more; conversations that share one only wait a little.
-- Locks are taken in the order log's head, gate, conversation's head, memberships; marks take a gate
-- and memberships only, and a batch of them waits for neither, so nobody waits in a circle.
CREATE FUNCTION mark_gate(conversation uuid) RETURNS int LANGUAGE sql IMMUTABLE AS $$
  SELECT hashtext(conversation::text) & 63
$$;

-- The marks of people in conversations as they stand, with what is unread: all numbers of one moment.
-- `people` and `conversations` are pairs; who is not a member is missing from the answer.
CREATE FUNCTION mark_states(people uuid[], conversations uuid[])
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
  CROSS JOIN "LogHead" log
$$;

-- Moves marks. `reads` and `deliveries` are where they shall be at least, 0 for nowhere in particular;
-- `backs`, where not null, is where the read mark shall be at most. Nothing goes past the last message,
-- and what is read is delivered. Answers one row for each membership: MOVED, SAME, or BUSY where moving
-- would have to wait; a `patient` call waits, and may move one mark only.
CREATE FUNCTION move_marks(
  people uuid[], conversations uuid[], reads int[], deliveries int[], backs int[], patient boolean
)
RETURNS TABLE (
  status text, membership uuid, person uuid, conversation uuid, "readSeq" int, "deliveredSeq" int, "readCount" int,
  revision int, "lastSeq" int, counted int, members int, mentions int, "position" bigint
)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  gates int[];
  wanting uuid[];
  locked uuid[] := '{}';
  moved uuid[] := '{}';
BEGIN
  -- Most repeated marks end here, having locked nothing.
  SELECT array_agg(m.id), array_agg(DISTINCT mark_gate(m."conversationId") ORDER BY mark_gate(m."conversationId"))
  INTO wanting, gates
  FROM unnest(people, conversations, reads, deliveries, backs) AS u (person, conversation, read, delivered, back)
  JOIN "Membership" m ON m."conversationId" = u.conversation AND m."userId" = u.person AND m."leftPosition" IS NULL
  JOIN "ConversationHead" h ON h."conversationId" = m."conversationId"
  WHERE LEAST(u.read, h."lastSeq") > m."lastReadSeq" OR LEAST(u.delivered, h."lastSeq") > m."lastDeliveredSeq"
    OR u.back < m."lastReadSeq";

  IF wanting IS NOT NULL THEN
    IF patient THEN
      PERFORM pg_advisory_xact_lock_shared(20261121, gate) FROM unnest(gates) AS gate;
      SELECT coalesce(array_agg(free.id), '{}') INTO locked FROM (
        SELECT m.id FROM "Membership" m WHERE m.id = ANY(wanting) AND m."leftPosition" IS NULL FOR NO KEY UPDATE
      ) free;
    ELSE
      SELECT array_agg(gate) INTO gates FROM unnest(gates) AS gate
      WHERE pg_try_advisory_xact_lock_shared(20261121, gate);
      SELECT coalesce(array_agg(free.id), '{}') INTO locked FROM (
        SELECT m.id FROM "Membership" m
        WHERE m.id = ANY(wanting) AND m."leftPosition" IS NULL AND mark_gate(m."conversationId") = ANY(gates)
        FOR NO KEY UPDATE SKIP LOCKED
      ) free;
    END IF;

    -- Behind the locks, so that this snapshot sees all that was done before them.
    WITH wish AS (
      SELECT u.person, u.conversation, max(u.read) AS read, max(u.delivered) AS delivered, min(u.back) AS back
      FROM unnest(people, conversations, reads, deliveries, backs) AS u (person, conversation, read, delivered, back)
      GROUP BY 1, 2
    ), target AS (
      SELECT m.id, m."conversationId" AS conversation, m."lastReadSeq" AS old, m."readCounted" AS old_counted,
             m."lastDeliveredSeq" AS old_delivered, h."lastSeq" AS last, h.counted AS all_counted,
             LEAST(wish.delivered, h."lastSeq") AS delivered,
             LEAST(GREATEST(m."lastReadSeq", LEAST(wish.read, h."lastSeq")), wish.back) AS new
      FROM wish
      JOIN "Membership" m ON m."conversationId" = wish.conversation AND m."userId" = wish.person
      JOIN "ConversationHead" h ON h."conversationId" = m."conversationId"
      WHERE m.id = ANY(locked)
    ), moving AS (
      UPDATE "Membership" mine
      SET "lastReadSeq" = target.new,
          "readCounted" = near.counted + CASE WHEN target.new >= near.seq THEN between.n ELSE -between.n END,
          "lastDeliveredSeq" = GREATEST(target.old_delivered, target.delivered, target.new),
          "markRevision" = mine."markRevision" + 1
      FROM target
      -- Counted from the nearest place whose count is known: the beginning, the mark, or the end.
      CROSS JOIN LATERAL (
        SELECT known.seq, known.counted
        FROM (VALUES (0, 0), (target.old, target.old_counted), (target.last, target.all_counted)) AS known (seq, counted)
        ORDER BY abs(known.seq - target.new) LIMIT 1
      ) near
      CROSS JOIN LATERAL (
        SELECT count(*)::int AS n FROM "Message" x
        WHERE x."conversationId" = target.conversation
          AND x.seq > LEAST(near.seq, target.new) AND x.seq <= GREATEST(near.seq, target.new)
          AND x.kind = 'TEXT' AND x."deletedAt" IS NULL
      ) between
      WHERE mine.id = target.id
        AND (target.new <> target.old OR GREATEST(target.delivered, target.new) > target.old_delivered)
      RETURNING mine.id
    )
    SELECT coalesce(array_agg(moving.id), '{}') INTO moved FROM moving;
  END IF;

  RETURN QUERY
    SELECT CASE WHEN s.membership = ANY(moved) THEN 'MOVED'
                WHEN s.membership = ANY(wanting) AND s.membership <> ALL(locked) THEN 'BUSY'
                ELSE 'SAME' END, s.*
    FROM mark_states(people, conversations) s;
END
$$;

-- Takes a message that is being deleted out of all that counts; answers the conversation's numbers after
-- it. To be called once for each message, when nothing of the transaction has locked a row named here.
CREATE FUNCTION discount_message(message uuid)
RETURNS TABLE ("lastSeq" int, counted int)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  place record;
BEGIN
  PERFORM FROM "LogHead" h WHERE h.id = 1 FOR UPDATE;
  SELECT m."conversationId", m.seq, m.kind INTO STRICT place FROM "Message" m WHERE m.id = message;
  IF place.kind = 'TEXT' THEN
    PERFORM pg_advisory_xact_lock(20261121, mark_gate(place."conversationId"));
    UPDATE "ConversationHead" h SET counted = h.counted - 1 WHERE h."conversationId" = place."conversationId";
    UPDATE "Membership" m SET "readCounted" = m."readCounted" - 1
    WHERE m."conversationId" = place."conversationId" AND m."leftPosition" IS NULL AND m."lastReadSeq" >= place.seq;
  END IF;
  RETURN QUERY SELECT h."lastSeq", h.counted FROM "ConversationHead" h WHERE h."conversationId" = place."conversationId";
END
$$;
