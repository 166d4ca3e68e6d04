-- CreateEnum
CREATE TYPE "ReportSubject" AS ENUM ('MESSAGE', 'USER', 'ROOM');

-- CreateTable
CREATE TABLE "Administrator" (
    "userId" UUID NOT NULL,
    "since" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Administrator_pkey" PRIMARY KEY ("userId")
);

-- CreateTable
CREATE TABLE "Suspension" (
    "userId" UUID NOT NULL,
    "until" TIMESTAMPTZ(3),
    "reason" VARCHAR(500) NOT NULL,
    "suspendedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Suspension_pkey" PRIMARY KEY ("userId")
);

-- CreateTable
CREATE TABLE "Report" (
    "id" UUID NOT NULL,
    "reporterId" UUID NOT NULL,
    "subject" "ReportSubject" NOT NULL,
    "subjectId" UUID NOT NULL,
    "conversationId" UUID,
    "accusedId" UUID,
    "reason" VARCHAR(32) NOT NULL,
    "comment" VARCHAR(1000) NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "resolution" VARCHAR(32),
    "note" VARCHAR(1000),
    "resolvedById" UUID,
    "resolvedAt" TIMESTAMPTZ(3),

    CONSTRAINT "Report_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "AuditEntry" (
    "id" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "action" VARCHAR(40) NOT NULL,
    "actorId" UUID,
    "targetId" UUID,
    "conversationId" UUID,
    "messageId" UUID,
    "address" VARCHAR(64) NOT NULL,
    "device" VARCHAR(200) NOT NULL,
    "details" JSONB,

    CONSTRAINT "AuditEntry_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ExportTicket" (
    "tokenHash" BYTEA NOT NULL,
    "userId" UUID NOT NULL,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "ExportTicket_pkey" PRIMARY KEY ("tokenHash")
);

-- CreateTable
CREATE TABLE "AccountDeletion" (
    "userId" UUID NOT NULL,
    "requestedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "deleteMessages" BOOLEAN NOT NULL,
    "messagesAfter" UUID,
    "identityRemovedAt" TIMESTAMPTZ(3),
    "finishedAt" TIMESTAMPTZ(3),

    CONSTRAINT "AccountDeletion_pkey" PRIMARY KEY ("userId")
);

-- CreateIndex
CREATE INDEX "Report_createdAt_id_idx" ON "Report"("createdAt", "id");

-- CreateIndex
CREATE INDEX "Report_conversationId_createdAt_id_idx" ON "Report"("conversationId", "createdAt", "id");

-- CreateIndex
CREATE INDEX "Report_reporterId_id_idx" ON "Report"("reporterId", "id");

-- CreateIndex
CREATE INDEX "AuditEntry_at_id_idx" ON "AuditEntry"("at", "id");

-- CreateIndex
CREATE INDEX "AuditEntry_actorId_at_id_idx" ON "AuditEntry"("actorId", "at", "id");

-- CreateIndex
CREATE INDEX "AuditEntry_targetId_at_id_idx" ON "AuditEntry"("targetId", "at", "id");

-- CreateIndex
CREATE INDEX "AuditEntry_conversationId_at_id_idx" ON "AuditEntry"("conversationId", "at", "id");

-- CreateIndex
CREATE INDEX "Reaction_userId_messageId_emoji_idx" ON "Reaction"("userId", "messageId", "emoji");

-- One report of a person about a thing is open at a time.
CREATE UNIQUE INDEX "Report_open" ON "Report" ("reporterId", "subjectId") WHERE "resolvedAt" IS NULL;

-- What a list of open reports reads.
CREATE INDEX "Report_unresolved" ON "Report" ("createdAt", id) WHERE "resolvedAt" IS NULL;

-- Deletions that are not finished yet are few, whatever the table holds.
CREATE INDEX "AccountDeletion_open" ON "AccountDeletion" ("requestedAt") WHERE "finishedAt" IS NULL;

-- Before there were administrators, whoever came first kept the server.
INSERT INTO "Administrator" ("userId") SELECT id FROM "User" ORDER BY "createdAt", id LIMIT 1;

-- The audit log is append-only for everyone who speaks SQL with the server's rights, the server itself
-- included: its time is the database's, nothing in it changes, and what is younger than 30 days cannot
-- be removed at all. Whoever wants more has to change the table itself, which leaves its own traces.
CREATE FUNCTION audit_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    NEW.at := date_trunc('milliseconds', clock_timestamp());
    RETURN NEW;
  END IF;
  IF TG_OP = 'DELETE' AND current_setting('parley.audit_prune', true) = 'on'
    AND OLD.at < clock_timestamp() - interval '30 days' THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'The audit log is append-only' USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER audit_guard_rows BEFORE INSERT OR UPDATE OR DELETE ON "AuditEntry"
  FOR EACH ROW EXECUTE FUNCTION audit_guard();
CREATE TRIGGER audit_guard_table BEFORE TRUNCATE ON "AuditEntry"
  FOR EACH STATEMENT EXECUTE FUNCTION audit_guard();
ALTER TABLE "AuditEntry" ENABLE ALWAYS TRIGGER audit_guard_rows;
ALTER TABLE "AuditEntry" ENABLE ALWAYS TRIGGER audit_guard_table;

-- The only way to remove entries: those from before a time, at most so many. Answers how many went.
CREATE FUNCTION audit_prune(before timestamptz, most int) RETURNS int
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  removed int;
BEGIN
  PERFORM set_config('parley.audit_prune', 'on', true);
  DELETE FROM "AuditEntry" WHERE id IN (
    SELECT e.id FROM "AuditEntry" e WHERE e.at < before ORDER BY e.at, e.id LIMIT most
  );
  GET DIAGNOSTICS removed = ROW_COUNT;
  PERFORM set_config('parley.audit_prune', 'off', true);
  RETURN removed;
END
$$;

-- Events name people instead of holding a copy of them: a name that is gone is gone from replays.
UPDATE "Event" SET payload = jsonb_set(
  payload, '{user}', jsonb_build_object('personId', payload #> '{user,id}')
) WHERE payload #> '{user,usernameKey}' IS NOT NULL;
UPDATE "Event" SET payload = jsonb_set(
  payload, '{membership,user}', jsonb_build_object('personId', payload #> '{membership,user,id}')
) WHERE payload #> '{membership,user,usernameKey}' IS NOT NULL;
