CREATE OR REPLACE FUNCTION discount_message(message uuid)
 RETURNS TABLE("lastSeq" integer, counted integer)
 LANGUAGE plpgsql
AS $function$
DECLARE
  place record;
BEGIN
  PERFORM FROM "LogHead" h WHERE h.id = 1 FOR UPDATE;
  SELECT m."conversationId", m.seq, m.kind INTO STRICT place FROM "Message" m WHERE m.id = message;
  IF place.kind = 'TEXT' THEN
    PERFORM pg_advisory_xact_lock(20261121, mark_gate(place."conversationId"));
    UPDATE "ConversationHead" h SET counted = h.counted - 1 WHERE h."conversationId" = place."conversationId";
    UPDATE "Membership" m SET "readCounted" = m."readCounted" - 1
    WHERE m."conversationId" = place."conversationId" AND m."leftPosition" IS NULL AND m."lastReadSeq" >= place.seq;
  END IF;
  RETURN QUERY SELECT h."lastSeq", h.counted FROM "ConversationHead" h WHERE h."conversationId" = place."conversationId";
END
$function$;
