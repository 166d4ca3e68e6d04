CREATE OR REPLACE FUNCTION mark_gate(conversation uuid)
 RETURNS integer
 LANGUAGE sql
 IMMUTABLE
AS $function$
  SELECT hashtext(conversation::text) & 63
$function$;
