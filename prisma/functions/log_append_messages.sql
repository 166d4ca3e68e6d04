CREATE OR REPLACE FUNCTION log_append_messages(ids uuid[], conversations uuid[], authors uuid[], clients uuid[], bodies text[], replies uuid[], extras jsonb[])
 RETURNS TABLE(ord bigint, status text, id uuid, seq integer, "position" bigint, at timestamp with time zone, until timestamp with time zone)
 LANGUAGE plpgsql
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
AS $function$
DECLARE
  base bigint;
  stamp timestamptz;
  has_extras boolean;
  wanted_files uuid[];
  -- What is refused for reasons that few messages have, and until when; null for most batches.
  refusals text[];
  pauses timestamptz[];
BEGIN
  SELECT h.position INTO STRICT base FROM "LogHead" h WHERE h.id = 1 FOR UPDATE;
  stamp := date_trunc('milliseconds', clock_timestamp());
  has_extras := EXISTS (SELECT FROM unnest(extras) AS e (extra) WHERE e.extra IS NOT NULL);

  -- Threads and slow mode are looked at by themselves, so that all other batches do not pay for them.
  IF has_extras OR EXISTS (
    SELECT FROM "ConversationHead" h WHERE h."slowModeSeconds" > 0 AND h."conversationId" = ANY (conversations)
  ) THEN
    SELECT array_agg(
             CASE
               WHEN item.root IS NOT NULL
                 AND (root.id IS NULL OR root."threadRootId" IS NOT NULL OR root.kind <> 'TEXT') THEN 'NO_SUCH_THREAD'
               WHEN root."deletedAt" IS NOT NULL AND thread."rootId" IS NULL THEN 'REPLY_DELETED'
               WHEN item.may_from > stamp THEN 'SLOW_MODE'
             END ORDER BY item.ord),
           array_agg(item.may_from ORDER BY item.ord)
    INTO refusals, pauses
    FROM (
      SELECT u.ord, u.conversation, (u.extra ->> 'thread')::uuid AS root,
             -- Of several messages of one person in a slow conversation, a batch takes the first.
             CASE WHEN row_number() OVER (PARTITION BY u.conversation, u.author ORDER BY u.ord) > 1 THEN stamp
                  ELSE member."lastSentAt" END + make_interval(secs => head."slowModeSeconds") AS may_from
      FROM unnest(conversations, authors, extras) WITH ORDINALITY AS u (conversation, author, extra, ord)
      LEFT JOIN "ConversationHead" head ON head."conversationId" = u.conversation AND head."slowModeSeconds" > 0
      LEFT JOIN "Membership" member ON member."conversationId" = u.conversation
        AND member."userId" = u.author AND member."leftPosition" IS NULL
    ) item
    LEFT JOIN "Message" root ON root.id = item.root AND (root."conversationId" = item.conversation) IS TRUE
    LEFT JOIN "Thread" thread ON thread."rootId" = item.root;
  END IF;

  IF has_extras THEN
    SELECT array_agg((f.file ->> 'id')::uuid) INTO wanted_files
    FROM unnest(extras) AS e (extra) CROSS JOIN LATERAL jsonb_array_elements(e.extra -> 'attachments') AS f (file);
  END IF;
  IF wanted_files IS NOT NULL THEN
    -- Whoever removes unused files waits now, or was here before. Only unused ones are locked: who lets
    -- go of a used one may hold it and wait for the head.
    PERFORM FROM "Upload" u WHERE u.id = ANY (wanted_files) AND u.state = 'READY' ORDER BY u.id FOR UPDATE;
    SELECT array_agg(
             CASE WHEN item.refusal IS NULL OR item.refusal = 'SLOW_MODE' THEN
               CASE WHEN item.files > item.free THEN 'NO_SUCH_FILE' ELSE item.refusal END
             ELSE item.refusal END ORDER BY item.ord)
    INTO refusals
    FROM (
      -- A file goes to the first message of a batch that wants it.
      SELECT wish.ord, wish.refusal, count(wish.file) AS files,
             count(u.id) FILTER (WHERE u."ownerId" = wish.author AND wish.turn = 1) AS free
      FROM (
        SELECT i.ord, i.refusal, i.author, (f.file ->> 'id')::uuid AS file,
               row_number() OVER (PARTITION BY f.file ->> 'id' ORDER BY i.ord) AS turn
        FROM unnest(authors, extras, refusals) WITH ORDINALITY AS i (author, extra, refusal, ord)
        LEFT JOIN LATERAL jsonb_array_elements(i.extra -> 'attachments') AS f (file) ON true
      ) wish
      LEFT JOIN "Upload" u ON u.id = wish.file AND u.state = 'READY' AND u.purpose = 'MESSAGE'
      GROUP BY 1, 2
    ) item;
  END IF;

  -- Heads and memberships change only while the log's head is locked, so what `item` reads of them is
  -- what they are: numbers are given out from there, without waiting for what the updates return.
  RETURN QUERY
    WITH item AS (
      SELECT u.*, earlier.id AS earlier_id, earlier.seq AS earlier_seq,
             earlier.position AS earlier_position, earlier."createdAt" AS earlier_at,
             member.id AS member_id, member."mutedUntil" AS muted, head."lastSeq" AS base_seq, head.counted AS base_counted,
             CASE
               WHEN earlier.id IS NOT NULL THEN 'DUPLICATE'
               WHEN member.id IS NULL THEN 'NOT_A_MEMBER'
               WHEN head."archivedAt" IS NOT NULL THEN 'ARCHIVED'
               WHEN member.blocked THEN 'BLOCKED'
               WHEN member."mutedUntil" > stamp THEN 'MUTED'
               WHEN u.reply IS NOT NULL AND answered.id IS NULL THEN 'NO_SUCH_REPLY'
               WHEN answered."deletedAt" IS NOT NULL THEN 'REPLY_DELETED'
               WHEN u.refusal = 'SLOW_MODE' AND member.role <> 'MEMBER' THEN 'SENT'
               ELSE coalesce(u.refusal, 'SENT')
             END AS verdict
      FROM unnest(ids, conversations, authors, clients, bodies, replies, extras, refusals, pauses)
        WITH ORDINALITY AS u (id, conversation, author, client, body, reply, extra, refusal, pause, ord)
      LEFT JOIN "Message" earlier ON earlier."authorId" = u.author AND earlier."clientId" = u.client
      LEFT JOIN "Membership" member ON member."conversationId" = u.conversation
        AND member."userId" = u.author AND member."leftPosition" IS NULL
      LEFT JOIN "ConversationHead" head ON head."conversationId" = u.conversation
      -- Found by its id alone: in parentheses, the rest is none that an index could be asked for.
      LEFT JOIN "Message" answered ON answered.id = u.reply AND (answered."conversationId" = u.conversation) IS TRUE
    ), judged AS MATERIALIZED (
      SELECT item.*, item.verdict = 'SENT' AS sent,
             count(*) FILTER (WHERE item.verdict = 'SENT') OVER (ORDER BY item.ord) AS place,
             (count(*) FILTER (WHERE item.verdict = 'SENT') OVER (PARTITION BY item.conversation ORDER BY item.ord))::int AS step
      FROM item
    ), heads AS (
      UPDATE "ConversationHead" h
      SET "lastSeq" = h."lastSeq" + grown.n, counted = h.counted + grown.n, "lastActivityAt" = stamp
      FROM (SELECT judged.conversation, max(judged.step) AS n FROM judged WHERE judged.sent GROUP BY 1) grown
      WHERE h."conversationId" = grown.conversation
    ), written AS (
      INSERT INTO "Message"
        (id, "conversationId", seq, position, "authorId", "clientId", body, "replyToId", "threadRootId", mentions, attachments,
         "createdAt")
      SELECT judged.id, judged.conversation, judged.base_seq + judged.step, base + judged.place,
             judged.author, judged.client, judged.body, judged.reply, (judged.extra ->> 'thread')::uuid,
             NULLIF(judged.extra -> 'mentions', 'null'), judged.extra -> 'attachments', stamp
      FROM judged WHERE judged.sent
    ), logged AS (
      INSERT INTO "Event" (position, at, type, topic, "messageId")
      SELECT base + judged.place, stamp, 'MESSAGE_SENT', judged.conversation, judged.id FROM judged WHERE judged.sent
    ), own AS (
      -- Who writes has read what stands above.
      UPDATE "Membership" mine
      SET "lastReadSeq" = newest.seq, "readCounted" = newest.counted, "lastDeliveredSeq" = newest.seq, "lastSentAt" = stamp
      FROM (
        SELECT judged.member_id, max(judged.base_seq + judged.step) AS seq, max(judged.base_counted + judged.step) AS counted
        FROM judged WHERE judged.sent GROUP BY 1
      ) newest
      WHERE mine.id = newest.member_id
    ), advanced AS (
      UPDATE "LogHead" h SET position = base + (SELECT count(*) FROM judged WHERE judged.sent) WHERE h.id = 1
    )
    SELECT judged.ord, judged.verdict,
           CASE WHEN judged.sent THEN judged.id ELSE judged.earlier_id END,
           CASE WHEN judged.sent THEN judged.base_seq + judged.step ELSE judged.earlier_seq END,
           CASE WHEN judged.sent THEN base + judged.place ELSE judged.earlier_position END,
           coalesce(judged.earlier_at, stamp),
           CASE judged.verdict WHEN 'MUTED' THEN judged.muted WHEN 'SLOW_MODE' THEN judged.pause END
    FROM judged ORDER BY judged.ord;

  IF has_extras THEN
    -- Of the ids only those of this batch's new messages are in the table at positions after `base`.
    INSERT INTO "Thread" AS t ("rootId", "conversationId", "replyCount", "lastReplyAt")
    SELECT m."threadRootId", m."conversationId", count(*)::int, stamp
    FROM "Message" m WHERE m.id = ANY (ids) AND m.position > base AND m."threadRootId" IS NOT NULL GROUP BY 1, 2
    ON CONFLICT ("rootId") DO UPDATE
      SET "replyCount" = t."replyCount" + excluded."replyCount", "lastReplyAt" = excluded."lastReplyAt";

    INSERT INTO "Mention" ("messageId", "userId", "conversationId", seq)
    SELECT DISTINCT m.id, target.id, m."conversationId", m.seq
    FROM unnest(ids, extras) AS item (id, extra)
    JOIN "Message" m ON m.id = item.id AND m.position > base
    CROSS JOIN LATERAL (
      SELECT value::uuid AS id FROM jsonb_array_elements_text(item.extra -> 'targets')
    ) target
    WHERE target.id = '00000000-0000-0000-0000-000000000000' OR EXISTS (
      SELECT FROM "Membership" called
      WHERE called."conversationId" = m."conversationId" AND called."userId" = target.id AND called."leftPosition" IS NULL
    );
  END IF;

  IF wanted_files IS NOT NULL THEN
    -- A while later, when no request from before can be under way, its folder is tidied up.
    UPDATE "Upload" u
    SET state = 'USED', "usedBy" = 'MESSAGE', "usedById" = m.id, "sweepAt" = stamp + interval '15 minutes'
    FROM "Message" m CROSS JOIN LATERAL jsonb_array_elements(m.attachments) AS f (file)
    WHERE m.id = ANY (ids) AND m.position > base AND u.id = (f.file ->> 'id')::uuid;
  END IF;
END
$function$;
