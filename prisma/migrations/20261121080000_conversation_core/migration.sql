-- CreateEnum
CREATE TYPE "MessageKind" AS ENUM ('TEXT', 'SYSTEM');

-- CreateEnum
CREATE TYPE "NotificationLevel" AS ENUM ('ALL', 'MENTIONS', 'NOTHING');

-- AlterTable
ALTER TABLE "ConversationHead" ADD COLUMN     "archivedAt" TIMESTAMPTZ(3),
ADD COLUMN     "counted" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "slowModeSeconds" INTEGER NOT NULL DEFAULT 0;

-- AlterTable
ALTER TABLE "Membership" ADD COLUMN     "blocked" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "lastDeliveredSeq" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "lastSentAt" TIMESTAMPTZ(3),
ADD COLUMN     "mutedUntil" TIMESTAMPTZ(3),
ADD COLUMN     "notificationLevel" "NotificationLevel" NOT NULL DEFAULT 'ALL',
ADD COLUMN     "notificationsMutedUntil" TIMESTAMPTZ(3),
ADD COLUMN     "readCounted" INTEGER NOT NULL DEFAULT 0;

-- AlterTable
ALTER TABLE "Message" ADD COLUMN     "kind" "MessageKind" NOT NULL DEFAULT 'TEXT',
ADD COLUMN     "mentions" JSONB,
ADD COLUMN     "system" JSONB,
ADD COLUMN     "threadRootId" UUID;

-- CreateTable
CREATE TABLE "Thread" (
    "rootId" UUID NOT NULL,
    "conversationId" UUID NOT NULL,
    "replyCount" INTEGER NOT NULL DEFAULT 0,
    "lastReplyAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Thread_pkey" PRIMARY KEY ("rootId")
);

-- CreateTable
CREATE TABLE "Mention" (
    "messageId" UUID NOT NULL,
    "userId" UUID NOT NULL,
    "conversationId" UUID NOT NULL,
    "seq" INTEGER NOT NULL,

    CONSTRAINT "Mention_pkey" PRIMARY KEY ("messageId","userId")
);

-- CreateIndex
CREATE INDEX "Thread_conversationId_lastReplyAt_idx" ON "Thread"("conversationId", "lastReplyAt");

-- CreateIndex
CREATE INDEX "Mention_userId_conversationId_seq_idx" ON "Mention"("userId", "conversationId", "seq");

-- AddForeignKey
ALTER TABLE "Message" ADD CONSTRAINT "Message_threadRootId_fkey" FOREIGN KEY ("threadRootId") REFERENCES "Message"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Thread" ADD CONSTRAINT "Thread_rootId_fkey" FOREIGN KEY ("rootId") REFERENCES "Message"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Mention" ADD CONSTRAINT "Mention_messageId_fkey" FOREIGN KEY ("messageId") REFERENCES "Message"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- The messages of a thread. Partial, so that sending outside threads keeps nothing for them.
CREATE INDEX "Message_thread" ON "Message" ("threadRootId", seq) WHERE "threadRootId" IS NOT NULL;

-- The few conversations in slow mode, so that a batch finds at once that it has none of them.
CREATE INDEX "ConversationHead_slow" ON "ConversationHead" ("conversationId") WHERE "slowModeSeconds" > 0;

-- What is there already counts as far as it is not deleted.
UPDATE "ConversationHead" h SET counted = (
  SELECT count(*) FROM "Message" m WHERE m."conversationId" = h."conversationId" AND m."deletedAt" IS NULL
);
UPDATE "Membership" s SET "readCounted" = (
  SELECT count(*) FROM "Message" m
  WHERE m."conversationId" = s."conversationId" AND m.seq <= s."lastReadSeq" AND m."deletedAt" IS NULL
), "lastDeliveredSeq" = s."lastReadSeq";

-- Stores a batch of messages with their events. Answers one row for each item, in their order, whose
-- status is SENT, DUPLICATE (this author used this client id before: the first message is named) or
-- why it was refused:
--   NOT_A_MEMBER
--   ARCHIVED       nothing is said here any more
--   BLOCKED        one of the two people here has blocked the other
--   MUTED          a moderator lets the author say nothing until `until`
--   NO_SUCH_REPLY  what it answers is not in this conversation
--   REPLY_DELETED  what it answers is no longer there to be answered
--   NO_SUCH_THREAD the thread's first message is not in this conversation, is in a thread itself, or tells no text
--   SLOW_MODE      the author has to wait until `until`
-- `extras` is null for a plain message, or holds what else belongs to it:
--   thread    id of the thread's first message
--   mentions  spans, stored as they are
--   targets   ids of the people whom the spans mean (only members are kept), the nil UUID for everyone
-- Callers give every item a client id and none twice in a batch.
DROP FUNCTION log_append_messages(uuid[], uuid[], uuid[], uuid[], text[], uuid[]);
CREATE FUNCTION log_append_messages(
  ids uuid[], conversations uuid[], authors uuid[], clients uuid[], bodies text[], replies uuid[], extras jsonb[]
)
RETURNS TABLE (ord bigint, status text, id uuid, seq int, "position" bigint, "at" timestamptz, until timestamptz)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  base bigint;
  stamp timestamptz;
  has_extras boolean;
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
    LEFT JOIN "Message" root ON root.id = item.root AND root."conversationId" = item.conversation
    LEFT JOIN "Thread" thread ON thread."rootId" = item.root;
  END IF;

  RETURN QUERY
    WITH item AS (
      SELECT * FROM unnest(ids, conversations, authors, clients, bodies, replies, extras, refusals, pauses)
        WITH ORDINALITY AS u (id, conversation, author, client, body, reply, extra, refusal, pause, ord)
    ), judged AS (
      SELECT item.*, earlier.id AS earlier_id, earlier.seq AS earlier_seq,
             earlier.position AS earlier_position, earlier."createdAt" AS earlier_at, member."mutedUntil" AS muted,
             CASE
               WHEN earlier.id IS NOT NULL THEN 'DUPLICATE'
               WHEN member.id IS NULL THEN 'NOT_A_MEMBER'
               WHEN head."archivedAt" IS NOT NULL THEN 'ARCHIVED'
               WHEN member.blocked THEN 'BLOCKED'
               WHEN member."mutedUntil" > stamp THEN 'MUTED'
               WHEN item.reply IS NOT NULL AND answered.id IS NULL THEN 'NO_SUCH_REPLY'
               WHEN answered."deletedAt" IS NOT NULL THEN 'REPLY_DELETED'
               WHEN item.refusal = 'SLOW_MODE' AND member.role <> 'MEMBER' THEN 'SENT'
               ELSE coalesce(item.refusal, 'SENT')
             END AS verdict
      FROM item
      LEFT JOIN "Message" earlier ON earlier."authorId" = item.author AND earlier."clientId" = item.client
      LEFT JOIN "Membership" member ON member."conversationId" = item.conversation
        AND member."userId" = item.author AND member."leftPosition" IS NULL
      LEFT JOIN "ConversationHead" head ON head."conversationId" = item.conversation
      LEFT JOIN "Message" answered ON answered.id = item.reply AND answered."conversationId" = item.conversation
    ), fresh AS (
      SELECT judged.*,
             row_number() OVER (ORDER BY judged.ord) AS place,
             row_number() OVER (PARTITION BY judged.conversation ORDER BY judged.ord) AS step
      FROM judged WHERE judged.verdict = 'SENT'
    ), heads AS (
      UPDATE "ConversationHead" h
      SET "lastSeq" = h."lastSeq" + grown.n, counted = h.counted + grown.n, "lastActivityAt" = stamp
      FROM (SELECT fresh.conversation, count(*)::int AS n FROM fresh GROUP BY 1) grown
      WHERE h."conversationId" = grown.conversation
      RETURNING h."conversationId" AS conversation, h."lastSeq" - grown.n AS base_seq, h.counted - grown.n AS base_counted
    ), written AS (
      INSERT INTO "Message" AS m
        (id, "conversationId", seq, position, "authorId", "clientId", body, "replyToId", "threadRootId", mentions, "createdAt")
      SELECT fresh.id, fresh.conversation, heads.base_seq + fresh.step, base + fresh.place,
             fresh.author, fresh.client, fresh.body, fresh.reply, (fresh.extra ->> 'thread')::uuid,
             NULLIF(fresh.extra -> 'mentions', 'null'), stamp
      FROM fresh JOIN heads ON heads.conversation = fresh.conversation
      RETURNING m.id, m.seq, m.position, m."conversationId", m."authorId"
    ), logged AS (
      INSERT INTO "Event" (position, at, type, topic, "messageId")
      SELECT written.position, stamp, 'MESSAGE_SENT', written."conversationId", written.id FROM written
    ), own AS (
      -- Who writes has read what stands above.
      UPDATE "Membership" mine
      SET "lastReadSeq" = newest.seq, "readCounted" = heads.base_counted + newest.seq - heads.base_seq,
          "lastDeliveredSeq" = newest.seq, "lastSentAt" = stamp
      FROM (SELECT w."conversationId", w."authorId", max(w.seq) AS seq FROM written w GROUP BY 1, 2) newest
      JOIN heads ON heads.conversation = newest."conversationId"
      WHERE mine."conversationId" = newest."conversationId" AND mine."userId" = newest."authorId"
    ), advanced AS (
      UPDATE "LogHead" h SET position = base + (SELECT count(*) FROM fresh) WHERE h.id = 1
    )
    SELECT judged.ord, judged.verdict,
           coalesce(written.id, judged.earlier_id), coalesce(written.seq, judged.earlier_seq),
           coalesce(written.position, judged.earlier_position), coalesce(judged.earlier_at, stamp),
           CASE judged.verdict WHEN 'MUTED' THEN judged.muted WHEN 'SLOW_MODE' THEN judged.pause END
    FROM judged LEFT JOIN written ON written.id = judged.id
    ORDER BY judged.ord;

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
END
$$;
