CREATE OR REPLACE FUNCTION conversation_messages_deleted()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  DELETE FROM "Message" m WHERE m."conversationId" = OLD.id;
  RETURN OLD;
END
$function$;
