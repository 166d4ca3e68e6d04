CREATE OR REPLACE FUNCTION audit_prune(before timestamp with time zone, most integer)
 RETURNS integer
 LANGUAGE plpgsql
AS $function$
DECLARE
  removed int;
BEGIN
  PERFORM set_config('parley.audit_prune', 'on', true);
  DELETE FROM "AuditEntry" WHERE id IN (
    SELECT e.id FROM "AuditEntry" e WHERE e.at < before ORDER BY e.at, e.id LIMIT most
  );
  GET DIAGNOSTICS removed = ROW_COUNT;
  PERFORM set_config('parley.audit_prune', 'off', true);
  RETURN removed;
END
$function$;
