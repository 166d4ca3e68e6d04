CREATE TABLE "Presence" (
    "userId" UUID NOT NULL,
    "lastSeenAt" TIMESTAMPTZ(3),
    "invisible" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "Presence_pkey" PRIMARY KEY ("userId")
);

ALTER TABLE "Presence" ADD CONSTRAINT "Presence_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;
