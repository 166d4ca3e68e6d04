-- When an account is deleted, the direct conversations of that person are looked for.

-- CreateIndex
CREATE INDEX "DirectPerson_userId_idx" ON "DirectPerson"("userId");
