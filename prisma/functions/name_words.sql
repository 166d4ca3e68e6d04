CREATE OR REPLACE FUNCTION name_words(name text)
 RETURNS tsvector
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
 SET search_path TO '$user', 'public'
AS $function$
  SELECT coalesce(array_to_tsvector(array_agg(DISTINCT form)), ''::tsvector)
  FROM (
    SELECT left(part, 32) AS word FROM regexp_split_to_table(name_fold(name), ' ') AS part WHERE part <> ''
  ) words
  CROSS JOIN LATERAL (
    SELECT word AS form
    UNION ALL SELECT '~' || substr(word, at) FROM generate_series(2, length(word)) AS at
    UNION ALL SELECT '-' || shorter FROM name_shortened(word) AS shorter WHERE length(word) > 3
  ) forms
$function$;
