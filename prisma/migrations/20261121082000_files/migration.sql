-- CreateEnum
CREATE TYPE "UploadPurpose" AS ENUM ('MESSAGE', 'PICTURE');

-- CreateEnum
CREATE TYPE "UploadState" AS ENUM ('RECEIVING', 'READY', 'USED', 'REMOVED');

-- CreateEnum
CREATE TYPE "UploadUse" AS ENUM ('MESSAGE', 'USER', 'ROOM');

-- AlterTable
ALTER TABLE "User" ADD COLUMN     "avatarId" UUID,
ADD COLUMN     "changedAt" TIMESTAMPTZ(3),
ADD COLUMN     "statusText" VARCHAR(100);

-- AlterTable
ALTER TABLE "Room" ADD COLUMN     "pictureId" UUID;

-- AlterTable
ALTER TABLE "Message" ADD COLUMN     "attachments" JSONB;

-- CreateTable
CREATE TABLE "Upload" (
    "id" UUID NOT NULL,
    "ownerId" UUID NOT NULL,
    "purpose" "UploadPurpose" NOT NULL,
    "state" "UploadState" NOT NULL,
    "name" VARCHAR(200) NOT NULL,
    "size" INTEGER NOT NULL,
    "received" INTEGER NOT NULL DEFAULT 0,
    "parts" UUID[],
    "partBytes" INTEGER NOT NULL,
    "writer" UUID,
    "content" JSONB,
    "thumbnail" UUID,
    "thumbnailBytes" INTEGER,
    "usedBy" "UploadUse",
    "usedById" UUID,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "sweepAt" TIMESTAMPTZ(3),

    CONSTRAINT "Upload_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Secret" (
    "name" VARCHAR(32) NOT NULL,
    "value" BYTEA NOT NULL,

    CONSTRAINT "Secret_pkey" PRIMARY KEY ("name")
);

-- CreateIndex
CREATE INDEX "Upload_usedById_idx" ON "Upload"("usedById");

-- AddForeignKey
ALTER TABLE "Upload" ADD CONSTRAINT "Upload_ownerId_fkey" FOREIGN KEY ("ownerId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What the sweep has to look at, and what a person has begun and not used. Partial, for both are few.
CREATE INDEX "Upload_sweep" ON "Upload" ("sweepAt") WHERE "sweepAt" IS NOT NULL;
CREATE INDEX "Upload_unused" ON "Upload" ("ownerId") WHERE state IN ('RECEIVING', 'READY');

-- Deleting a message takes its files from it, and lets go of the uploads in the same transaction,
-- whoever deletes; the sweep then removes their bytes.
CREATE FUNCTION upload_let_go() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE "Upload" u SET state = 'REMOVED', "sweepAt" = clock_timestamp()
  FROM jsonb_array_elements(OLD.attachments) AS a (file)
  WHERE u.id = (a.file ->> 'id')::uuid AND u."usedBy" = 'MESSAGE' AND u."usedById" = OLD.id;
  IF TG_OP = 'DELETE' THEN
    RETURN OLD;
  END IF;
  NEW.attachments := NULL;
  RETURN NEW;
END
$$;
CREATE TRIGGER "Message_files_emptied" BEFORE UPDATE OF "deletedAt", attachments ON "Message" FOR EACH ROW
  WHEN (OLD.attachments IS NOT NULL AND (NEW."deletedAt" IS NOT NULL OR NEW.attachments IS NULL))
  EXECUTE FUNCTION upload_let_go();
CREATE TRIGGER "Message_files_deleted" BEFORE DELETE ON "Message" FOR EACH ROW
  WHEN (OLD.attachments IS NOT NULL) EXECUTE FUNCTION upload_let_go();

-- The same as before, but that a message can have files, and takes them in the same transaction.

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
--   NO_SUCH_FILE   one of the files is not there, not the author's, not complete, or used already
--   SLOW_MODE      the author has to wait until `until`
-- `extras` is null for a plain message, or holds what else belongs to it:
--   thread    id of the thread's first message
--   mentions  spans, stored as they are
--   targets   ids of the people whom the spans mean (only members are kept), the nil UUID for everyone
--   attachments  the files as events show them, each with its `id`; not there at all for none
-- Callers give every item a client id and none twice in a batch.
CREATE OR REPLACE FUNCTION log_append_messages(
  ids uuid[], conversations uuid[], authors uuid[], clients uuid[], bodies text[], replies uuid[], extras jsonb[]
)
RETURNS TABLE (ord bigint, status text, id uuid, seq int, "position" bigint, "at" timestamptz, until timestamptz)
LANGUAGE plpgsql VOLATILE AS $$
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
    LEFT JOIN "Message" root ON root.id = item.root AND root."conversationId" = item.conversation
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
        (id, "conversationId", seq, position, "authorId", "clientId", body, "replyToId", "threadRootId", mentions, attachments,
         "createdAt")
      SELECT fresh.id, fresh.conversation, heads.base_seq + fresh.step, base + fresh.place,
             fresh.author, fresh.client, fresh.body, fresh.reply, (fresh.extra ->> 'thread')::uuid,
             NULLIF(fresh.extra -> 'mentions', 'null'), fresh.extra -> 'attachments', stamp
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

  IF wanted_files IS NOT NULL THEN
    -- A while later, when no request from before can be under way, its folder is tidied up.
    UPDATE "Upload" u
    SET state = 'USED', "usedBy" = 'MESSAGE', "usedById" = m.id, "sweepAt" = stamp + interval '15 minutes'
    FROM "Message" m CROSS JOIN LATERAL jsonb_array_elements(m.attachments) AS f (file)
    WHERE m.id = ANY (ids) AND m.position > base AND u.id = (f.file ->> 'id')::uuid;
  END IF;
END
$$;
