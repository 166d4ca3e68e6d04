CREATE OR REPLACE FUNCTION log_append(items jsonb)
 RETURNS TABLE("position" bigint, at timestamp with time zone)
 LANGUAGE plpgsql
AS $function$
DECLARE
  base bigint;
  stamp timestamptz;
BEGIN
  SELECT h.position INTO STRICT base FROM "LogHead" h WHERE h.id = 1 FOR UPDATE;
  stamp := date_trunc('milliseconds', clock_timestamp());
  UPDATE "LogHead" h SET position = base + jsonb_array_length(items) WHERE h.id = 1;
  RETURN QUERY
    INSERT INTO "Event" AS e (position, at, type, topic, "messageId", payload, authority)
    SELECT base + i.ord, stamp, i.item ->> 'type', (i.item ->> 'topic')::uuid, (i.item ->> 'messageId')::uuid,
           NULLIF(i.item -> 'payload', 'null'), NULLIF(i.item -> 'authority', 'null')
    FROM jsonb_array_elements(items) WITH ORDINALITY AS i (item, ord)
    RETURNING e.position, e.at;
END
$function$;
