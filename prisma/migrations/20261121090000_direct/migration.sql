-- CreateTable
CREATE TABLE "Direct" (
    "conversationId" UUID NOT NULL,
    "peopleKey" TEXT NOT NULL,

    CONSTRAINT "Direct_pkey" PRIMARY KEY ("conversationId")
);

-- CreateTable
CREATE TABLE "DirectPerson" (
    "conversationId" UUID NOT NULL,
    "userId" UUID NOT NULL,

    CONSTRAINT "DirectPerson_pkey" PRIMARY KEY ("conversationId","userId")
);

-- CreateTable
CREATE TABLE "Block" (
    "blockerId" UUID NOT NULL,
    "blockedId" UUID NOT NULL,
    "position" BIGINT NOT NULL,

    CONSTRAINT "Block_pkey" PRIMARY KEY ("blockerId","blockedId")
);

-- CreateIndex
CREATE UNIQUE INDEX "Direct_peopleKey_key" ON "Direct"("peopleKey");

-- CreateIndex
CREATE INDEX "Block_blockerId_position_idx" ON "Block"("blockerId", "position");

-- AddForeignKey
ALTER TABLE "Direct" ADD CONSTRAINT "Direct_conversationId_fkey" FOREIGN KEY ("conversationId") REFERENCES "Conversation"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "DirectPerson" ADD CONSTRAINT "DirectPerson_conversationId_fkey" FOREIGN KEY ("conversationId") REFERENCES "Direct"("conversationId") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "DirectPerson" ADD CONSTRAINT "DirectPerson_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Block" ADD CONSTRAINT "Block_blockerId_fkey" FOREIGN KEY ("blockerId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Block" ADD CONSTRAINT "Block_blockedId_fkey" FOREIGN KEY ("blockedId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;
