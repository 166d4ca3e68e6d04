CREATE OR REPLACE FUNCTION name_query(search text)
 RETURNS tsquery
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
 SET search_path TO '$user', 'public'
AS $function$
  SELECT coalesce(string_agg('(' || forms.alternatives || ')', ' & '), '')::tsquery
  FROM (
    SELECT left(part, 32) AS word FROM regexp_split_to_table(name_fold(search), ' ') AS part WHERE part <> '' LIMIT 8
  ) words
  CROSS JOIN LATERAL (
    SELECT string_agg(DISTINCT '''' || form || '''' || CASE WHEN whole THEN '' ELSE ':*' END, ' | ') AS alternatives
    FROM (
      SELECT word AS form, false AS whole
      UNION ALL SELECT '~' || word, false WHERE octet_length(word) > 2
      UNION ALL SELECT '-' || word, length(word) < 5 WHERE length(word) > 3
      UNION ALL SELECT shorter, length(word) < 5 FROM name_shortened(word) AS shorter WHERE length(word) > 3
      UNION ALL SELECT '-' || shorter, length(word) < 5 FROM name_shortened(word) AS shorter WHERE length(word) > 3
    ) all_forms
  ) forms
$function$;
