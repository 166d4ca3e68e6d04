CREATE OR REPLACE FUNCTION thread_follow()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  INSERT INTO "ThreadFollow" AS f ("userId", "rootId", following)
  VALUES (NEW."authorId", NEW."threadRootId", true)
  ON CONFLICT ("userId", "rootId") DO UPDATE SET following = true WHERE NOT f.following;
  INSERT INTO "ThreadFollow" ("userId", "rootId", following)
  SELECT root."authorId", root.id, true FROM "Message" root WHERE root.id = NEW."threadRootId"
  ON CONFLICT ("userId", "rootId") DO NOTHING;
  RETURN NULL;
END
$function$;
