CREATE OR REPLACE FUNCTION audit_guard()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  IF TG_OP = 'INSERT' THEN
    NEW.at := date_trunc('milliseconds', clock_timestamp());
    RETURN NEW;
  END IF;
  IF TG_OP = 'DELETE' AND current_setting('parley.audit_prune', true) = 'on'
    AND OLD.at < clock_timestamp() - interval '30 days' THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'The audit log is append-only' USING ERRCODE = 'insufficient_privilege';
END
$function$;
