-- CreateTable
CREATE TABLE "MessageSearch" (
    "messageId" UUID NOT NULL,
    "conversationId" UUID NOT NULL,
    "position" BIGINT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "words" tsvector NOT NULL,

    CONSTRAINT "MessageSearch_pkey" PRIMARY KEY ("messageId")
);

-- CreateTable
CREATE TABLE "SearchIndex" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "position" BIGINT NOT NULL,
    "version" INTEGER NOT NULL,
    "filledTo" UUID,
    "heldBy" UUID,
    "heldUntil" TIMESTAMPTZ(3),

    CONSTRAINT "SearchIndex_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "MessageSearch_words_idx" ON "MessageSearch" USING GIN ("words");

-- CreateIndex
CREATE INDEX "MessageSearch_conversationId_position_idx" ON "MessageSearch"("conversationId", "position");

-- CreateIndex
CREATE INDEX "MessageSearch_createdAt_position_idx" ON "MessageSearch"("createdAt", "position");

-- CreateIndex
CREATE INDEX "Conversation_visibility_idx" ON "Conversation"("visibility");

-- AddForeignKey
ALTER TABLE "MessageSearch" ADD CONSTRAINT "MessageSearch_messageId_fkey" FOREIGN KEY ("messageId") REFERENCES "Message"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Nobody waits for what is written into the index but those who search, so the list of what is not
-- sorted in yet, which every search reads, is kept short.
ALTER INDEX "MessageSearch_words_idx" SET (gin_pending_list_limit = 512);
-- The most common words are known to the planner, and soon.
ALTER TABLE "MessageSearch" ALTER COLUMN "words" SET STATISTICS 200;
ALTER TABLE "MessageSearch" SET (autovacuum_analyze_scale_factor = 0.05);
ALTER TABLE "SearchIndex" SET (fillfactor = 10);

-- What is there already is read by the first instance that starts; what comes meanwhile, after it.
INSERT INTO "SearchIndex" (id, position, version, "filledTo")
SELECT 1, h.position, 1,
       CASE WHEN EXISTS (SELECT 1 FROM "Message") THEN '00000000-0000-0000-0000-000000000000'::uuid END
FROM "LogHead" h WHERE h.id = 1;

-- Names are searched by their beginnings, their parts, and with a letter missing, added, changed or
-- swapped. All of that is looked up in one index of words:
--   johnson        a word of the name
--   ~ohnson …      each of its endings, so that a part of it is found as the beginning of one
--   -ohnson …      the word without each of its letters: two spellings that differ in one letter have
--                  one of these in common, or one of them is one of the other's
-- It needs no extension and knows every script, which trigrams do only where the database's locale does.

-- Lower case without accents; anything but letters and digits is a single space.
CREATE FUNCTION name_fold(name text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT btrim(regexp_replace(
    normalize(regexp_replace(normalize(lower(name), NFKD), '[\u0300-\u036f]', '', 'g'), NFC),
    '[\s\u0021-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u007e\u00a0-\u00bf\u2000-\u206f\u3000-\u303f]+', ' ', 'g'))
$$;

-- A word without each of its letters in turn.
CREATE FUNCTION name_shortened(word text) RETURNS SETOF text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT overlay(word placing '' from at for 1) FROM generate_series(1, length(word)) AS at
$$;

CREATE FUNCTION name_words(name text) RETURNS tsvector
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path FROM CURRENT AS $$
  SELECT coalesce(array_to_tsvector(array_agg(DISTINCT form)), ''::tsvector)
  FROM (
    SELECT left(part, 32) AS word FROM regexp_split_to_table(name_fold(name), ' ') AS part WHERE part <> ''
  ) words
  CROSS JOIN LATERAL (
    SELECT word AS form
    UNION ALL SELECT '~' || substr(word, at) FROM generate_series(2, length(word)) AS at
    UNION ALL SELECT '-' || shorter FROM name_shortened(word) AS shorter WHERE length(word) > 3
  ) forms
$$;

-- All words of `search` have to be there, in one of these ways. Short words are only what names begin with.
CREATE FUNCTION name_query(search text) RETURNS tsquery
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path FROM CURRENT AS $$
  SELECT coalesce(string_agg('(' || forms.alternatives || ')', ' & '), '')::tsquery
  FROM (
    SELECT left(part, 32) AS word FROM regexp_split_to_table(name_fold(search), ' ') AS part WHERE part <> '' LIMIT 8
  ) words
  CROSS JOIN LATERAL (
    SELECT string_agg(DISTINCT '''' || form || '''' || CASE WHEN whole THEN '' ELSE ':*' END, ' | ') AS alternatives
    FROM (
      SELECT word AS form, false AS whole
      UNION ALL SELECT '~' || word, false WHERE octet_length(word) > 2
      UNION ALL SELECT '-' || word, length(word) < 5 WHERE length(word) > 3
      UNION ALL SELECT shorter, length(word) < 5 FROM name_shortened(word) AS shorter WHERE length(word) > 3
      UNION ALL SELECT '-' || shorter, length(word) < 5 FROM name_shortened(word) AS shorter WHERE length(word) > 3
    ) all_forms
  ) forms
$$;

CREATE INDEX "User_names" ON "User" USING GIN (name_words(username || ' ' || "displayName"));
CREATE INDEX "User_beginnings" ON "User" ((("usernameKey")::text) text_pattern_ops);
CREATE INDEX "Room_names" ON "Room" USING GIN (name_words(name || ' ' || slug || ' ' || coalesce(topic, '')));
