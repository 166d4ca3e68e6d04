import type { Database } from "../../infra/database/database.ts";
import { INDEXED_COLUMNS, type IndexEntry, type IndexedRow } from "./index-entry.ts";

/** The progress of the index. */
export interface IndexState {
  /** All messages up to this log position are searchable. */
  position: number;
  /** During a reindex, the id of the last indexed message; null when it is complete. */
  filledTo: string | null;
}

/**
 * Number of events, or messages, in one step: a few milliseconds of work that blocks senders. It is a
 * constant in the statements, because PostgreSQL plans them without parameter values and would otherwise
 * assume a tenth of the table.
 */
export const STEP_SIZE = 50;

export interface IndexStep {
  from: IndexState;
  to: IndexState;
  entries: readonly IndexEntry[];
  /** Messages to remove from the index. */
  deletedIds: readonly string[];
}

export interface SearchIndexStore {
  /**
   * Claims or renews the lease, and starts a reindex if the rules changed or the log no longer contains
   * the missing events.
   *
   * @param version version of the rules
   * @param leaseMs duration of the lease
   * @returns null while another instance holds the lease
   */
  claim(instanceId: string, version: number, leaseMs: number): Promise<IndexState | null>;
  /** The messages named by the next `STEP_SIZE` events of the log, and the position reached. */
  changedAfter(position: number): Promise<{ position: number; messages: IndexedRow[] }>;
  /** The next `STEP_SIZE` messages in the order of their ids. */
  messagesAfter(id: string): Promise<IndexedRow[]>;
  /**
   * Applies a step. Returns false without effect if the index has moved since the step was computed.
   *
   * @param isDurable whether to wait until this and all earlier steps are on disk; steps lost in a crash
   *   are repeated
   */
  take(step: IndexStep, version: number, isDurable: boolean): Promise<boolean>;
}

/**
 * Makes the transaction wait for the disk only if a condition holds, because senders would wait behind
 * it.
 */
const waitForDiskIf = (condition: string): string =>
  `set_config('synchronous_commit', CASE WHEN ${condition} THEN 'on' ELSE 'off' END, true)`;

export function makeSearchIndexStore(database: Database): SearchIndexStore {
  return {
    claim: async (instanceId, version, leaseMs) => {
      const rows = await database.log.query<IndexState>(
        `
          UPDATE "SearchIndex" s
          SET "heldBy" = $1::uuid, "heldUntil" = now() + $3::int * interval '1 ms', version = $2::int,
              "filledTo" = CASE WHEN restart.needed THEN '00000000-0000-0000-0000-000000000000' ELSE s."filledTo" END,
              position = CASE WHEN restart.needed THEN restart.head ELSE s.position END
          FROM (
            SELECT i.version < $2::int OR i.position + 1 < coalesce((SELECT min(e.position) FROM "Event" e), h.position + 1) AS needed,
                   h.position AS head
            FROM "SearchIndex" i, "LogHead" h WHERE i.id = 1 AND h.id = 1
          ) restart
          WHERE s.id = 1 AND s.version <= $2::int
            AND (s."heldBy" = $1::uuid OR s."heldUntil" IS NULL OR s."heldUntil" < now())
          RETURNING s.position::float8 AS position, s."filledTo"::text AS "filledTo", ${waitForDiskIf("false")}`,
        [instanceId, version, leaseMs],
      );
      return rows[0] ?? null;
    },
    changedAfter: async (position) => {
      const rows = await database.main.query<{ last: number | null } & IndexedRow>(
        `WITH event AS (
             SELECT e.position, e."messageId" FROM "Event" e
             WHERE e.position > $1::bigint ORDER BY e.position LIMIT ${String(STEP_SIZE)}
           )
           SELECT head.last, message.*
           FROM (SELECT max(position)::float8 AS last FROM event) head
           LEFT JOIN (
             SELECT ${INDEXED_COLUMNS} FROM "Message" m
             WHERE m.id IN (SELECT event."messageId" FROM event)
           ) message ON true`,
        [position],
      );
      return {
        position: rows[0]?.last ?? position,
        messages: rows.filter((row) => (row.id as string | null) !== null),
      };
    },
    messagesAfter: (id) =>
      database.main.query<IndexedRow>(
        `SELECT ${INDEXED_COLUMNS} FROM "Message" m WHERE m.id > $1::uuid ORDER BY m.id LIMIT ${String(STEP_SIZE)}`,
        [id],
      ),
    take: async ({ from, to, entries, deletedIds }, version, isDurable) => {
      const rows = await database.log.query<{ taken: boolean }>(
        `WITH moved AS (
           UPDATE "SearchIndex" SET position = $1::bigint, "filledTo" = $2::uuid
           WHERE id = 1 AND version = $3::int AND position = $4::bigint AND "filledTo" IS NOT DISTINCT FROM $5::uuid
           RETURNING id, ${waitForDiskIf("$12::boolean")}
         ), removed AS (
           DELETE FROM "MessageSearch" WHERE "messageId" = ANY($6::uuid[]) AND EXISTS (SELECT 1 FROM moved)
         ), written AS (
           INSERT INTO "MessageSearch" AS stored ("messageId", "conversationId", position, "createdAt", words)
           SELECT fresh.* FROM unnest($7::uuid[], $8::uuid[], $9::bigint[], $10::timestamptz[], $11::tsvector[]) fresh
           WHERE EXISTS (SELECT 1 FROM moved)
           ON CONFLICT ("messageId") DO UPDATE SET words = excluded.words WHERE stored.words <> excluded.words
         )
         SELECT EXISTS (SELECT 1 FROM moved) AS taken`,
        [
          to.position,
          to.filledTo,
          version,
          from.position,
          from.filledTo,
          deletedIds,
          entries.map((entry) => entry.messageId),
          entries.map((entry) => entry.conversationId),
          entries.map((entry) => entry.position),
          entries.map((entry) => entry.createdAt),
          entries.map((entry) => entry.words),
          isDurable,
        ],
      );
      return rows[0]?.taken ?? false;
    },
  };
}
