-- Planned on a young database, a batch read all memberships for each of its messages: the small table of then
-- was worth no index, and the plan is kept.
ALTER FUNCTION log_append_messages(uuid[], uuid[], uuid[], uuid[], text[], uuid[], jsonb[]) SET enable_seqscan = off;
