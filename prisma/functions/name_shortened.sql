CREATE OR REPLACE FUNCTION name_shortened(word text)
 RETURNS SETOF text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
AS $function$
  SELECT overlay(word placing '' from at for 1) FROM generate_series(1, length(word)) AS at
$function$;
