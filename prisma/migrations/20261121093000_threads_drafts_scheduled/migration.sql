-- CreateEnum
CREATE TYPE "ScheduledState" AS ENUM ('SCHEDULED', 'FAILED');

-- CreateTable
CREATE TABLE "ThreadFollow" (
    "userId" UUID NOT NULL,
    "rootId" UUID NOT NULL,
    "following" BOOLEAN NOT NULL,

    CONSTRAINT "ThreadFollow_pkey" PRIMARY KEY ("userId","rootId")
);

-- CreateTable
CREATE TABLE "Draft" (
    "id" UUID NOT NULL,
    "userId" UUID NOT NULL,
    "placeId" UUID NOT NULL,
    "conversationId" UUID NOT NULL,
    "threadRootId" UUID,
    "replyToId" UUID,
    "body" TEXT NOT NULL,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,
    "position" BIGINT NOT NULL,

    CONSTRAINT "Draft_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ScheduledMessage" (
    "id" UUID NOT NULL,
    "authorId" UUID NOT NULL,
    "clientId" UUID NOT NULL,
    "conversationId" UUID NOT NULL,
    "threadRootId" UUID,
    "replyToId" UUID,
    "body" TEXT NOT NULL,
    "sendAt" TIMESTAMPTZ(3) NOT NULL,
    "dueAt" TIMESTAMPTZ(3) NOT NULL,
    "claimedAt" TIMESTAMPTZ(3),
    "state" "ScheduledState" NOT NULL DEFAULT 'SCHEDULED',
    "failure" VARCHAR(32),
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "ScheduledMessage_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "ThreadFollow_rootId_idx" ON "ThreadFollow"("rootId");

-- CreateIndex
CREATE INDEX "Draft_userId_position_idx" ON "Draft"("userId", "position");

-- CreateIndex
CREATE INDEX "Draft_conversationId_idx" ON "Draft"("conversationId");

-- CreateIndex
CREATE UNIQUE INDEX "Draft_userId_placeId_key" ON "Draft"("userId", "placeId");

-- CreateIndex
CREATE INDEX "ScheduledMessage_authorId_sendAt_idx" ON "ScheduledMessage"("authorId", "sendAt");

-- CreateIndex
CREATE INDEX "ScheduledMessage_conversationId_idx" ON "ScheduledMessage"("conversationId");

-- CreateIndex
CREATE UNIQUE INDEX "ScheduledMessage_authorId_clientId_key" ON "ScheduledMessage"("authorId", "clientId");

-- AddForeignKey
ALTER TABLE "ThreadFollow" ADD CONSTRAINT "ThreadFollow_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ThreadFollow" ADD CONSTRAINT "ThreadFollow_rootId_fkey" FOREIGN KEY ("rootId") REFERENCES "Message"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Draft" ADD CONSTRAINT "Draft_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Draft" ADD CONSTRAINT "Draft_conversationId_fkey" FOREIGN KEY ("conversationId") REFERENCES "Conversation"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ScheduledMessage" ADD CONSTRAINT "ScheduledMessage_authorId_fkey" FOREIGN KEY ("authorId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ScheduledMessage" ADD CONSTRAINT "ScheduledMessage_conversationId_fkey" FOREIGN KEY ("conversationId") REFERENCES "Conversation"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What waits to be sent, the next first. Partial, so that asking for it costs nothing while nothing waits.
CREATE INDEX "ScheduledMessage_due" ON "ScheduledMessage" ("dueAt") WHERE state = 'SCHEDULED';

-- Who replies follows the thread, also when they had stopped; the author of its first message does
-- unless they have said otherwise. Part of the same statement as the reply, so neither is there
-- without the other; messages outside threads pay for no more than the condition.
CREATE FUNCTION thread_follow() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "ThreadFollow" AS f ("userId", "rootId", following)
  VALUES (NEW."authorId", NEW."threadRootId", true)
  ON CONFLICT ("userId", "rootId") DO UPDATE SET following = true WHERE NOT f.following;
  INSERT INTO "ThreadFollow" ("userId", "rootId", following)
  SELECT root."authorId", root.id, true FROM "Message" root WHERE root.id = NEW."threadRootId"
  ON CONFLICT ("userId", "rootId") DO NOTHING;
  RETURN NULL;
END
$$;
CREATE TRIGGER "Message_thread_follow" AFTER INSERT ON "Message"
  FOR EACH ROW WHEN (NEW."threadRootId" IS NOT NULL) EXECUTE FUNCTION thread_follow();
