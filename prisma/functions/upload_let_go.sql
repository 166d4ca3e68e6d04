CREATE OR REPLACE FUNCTION upload_let_go()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  UPDATE "Upload" u SET state = 'REMOVED', "sweepAt" = clock_timestamp()
  FROM jsonb_array_elements(OLD.attachments) AS a (file)
  WHERE u.id = (a.file ->> 'id')::uuid AND u."usedBy" = 'MESSAGE' AND u."usedById" = OLD.id;
  IF TG_OP = 'DELETE' THEN
    RETURN OLD;
  END IF;
  NEW.attachments := NULL;
  RETURN NEW;
END
$function$;
