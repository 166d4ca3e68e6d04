CREATE OR REPLACE FUNCTION move_marks(people uuid[], conversations uuid[], reads integer[], deliveries integer[], backs integer[], patient boolean)
 RETURNS TABLE(status text, membership uuid, person uuid, conversation uuid, "readSeq" integer, "deliveredSeq" integer, "readCount" integer, revision integer, "lastSeq" integer, counted integer, members integer, mentions integer, "position" bigint)
 LANGUAGE plpgsql
AS $function$
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
$function$;
