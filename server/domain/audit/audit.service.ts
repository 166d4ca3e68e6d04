import type { Clock } from "../../kernel/clock.ts";
import { newId } from "../../kernel/ids.ts";
import type { Logger } from "../../kernel/logger.ts";
import type { Origin } from "../../kernel/origin.ts";
import { exportPage, type ExportSection } from "../../kernel/export-section.ts";
import type { Unit } from "../../log/unit.ts";
import type { AuditFilter, AuditKey, AuditPage, AuditRow, AuditStore } from "./audit.store.ts";

export type { AuditFilter, AuditKey, AuditPage } from "./audit.store.ts";

/**
 * All recorded actions. A slice that adds an action adds it here, and its description in
 * audit-log.schema.ts.
 */
export const AUDIT_ACTIONS = [
  "SIGNED_UP",
  "LOGGED_IN",
  "LOG_IN_FAILED",
  "LOGGED_OUT",
  "SESSION_REVOKED",
  "PASSWORD_CHANGED",
  "DATA_EXPORTED",
  "ACCOUNT_DELETED",
  "USER_SUSPENDED",
  "USER_UNSUSPENDED",
  "ADMINISTRATOR_ADDED",
  "ADMINISTRATOR_REMOVED",
  "REPORT_MADE",
  "REPORT_RESOLVED",
  "MESSAGE_DELETED",
  "ROLE_CHANGED",
  "OWNERSHIP_TRANSFERRED",
  "MEMBER_REMOVED",
  "MEMBER_BANNED",
  "MEMBER_UNBANNED",
  "MEMBER_MUTED",
  "MEMBER_UNMUTED",
] as const;

export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** An action to record. */
export interface AuditRecord {
  action: AuditAction;
  /** The actor; null if unknown. */
  actorId: string | null;
  origin: Origin;
  /** The affected user. */
  targetId?: string | null;
  conversationId?: string | null;
  messageId?: string | null;
  /** Further details. Never a name or user text, because entries cannot be changed. */
  details?: Record<string, string>;
}

export type AuditEntry = Omit<AuditRow, "action"> & { action: AuditAction };

export interface AuditService {
  /** Records an action in its transaction, so that both are stored or neither is. */
  record(unit: Unit, entry: AuditRecord): Promise<void>;
  /** Records an action that changed nothing, such as a wrong password. */
  recordAlone(entry: AuditRecord): Promise<void>;
  /** Newest first. The caller must have checked the permission. */
  page(filter: AuditFilter, page: AuditPage): Promise<AuditEntry[]>;
  byIds(ids: readonly string[]): Promise<AuditEntry[]>;
  /** A user's own actions, for the user's export. */
  readonly exportSection: ExportSection;
  start(): void;
  stop(): void;
}

const DAY_MS = 86_400_000;
const PRUNE_INTERVAL_MS = 3_600_000;
const PRUNE_PAGE = 5_000;
const DEVICE_MAX_LENGTH = 200;
const ADDRESS_MAX_LENGTH = 64;

export interface AuditServiceOptions {
  store: AuditStore;
  clock: Clock;
  logger: Logger;
  /** Days to keep entries; the database rejects removal before 30 days. */
  retentionDays: number;
}

export function makeAuditService({
  store,
  clock,
  logger,
  retentionDays,
}: AuditServiceOptions): AuditService {
  let timer: NodeJS.Timeout | undefined;

  const toRow = ({ action, actorId, origin, ...about }: AuditRecord) => ({
    id: newId(clock.now()),
    action,
    actorId,
    targetId: about.targetId ?? null,
    conversationId: about.conversationId ?? null,
    messageId: about.messageId ?? null,
    // PostgreSQL cannot store NUL.
    device: origin.device.replaceAll("\u0000", "").slice(0, DEVICE_MAX_LENGTH),
    address: origin.address.replaceAll("\u0000", "").slice(0, ADDRESS_MAX_LENGTH),
    details: about.details ?? null,
  });

  const prune = async (): Promise<void> => {
    try {
      const before = new Date(clock.now() - retentionDays * DAY_MS);
      while ((await store.prune(before, PRUNE_PAGE)) === PRUNE_PAGE);
    } catch (error) {
      logger.warn(
        { err: error },
        "Old audit entries could not be removed; trying again in an hour",
      );
    }
  };

  const known = (rows: readonly AuditRow[]): AuditEntry[] =>
    // A newer instance may record actions that this version does not know.
    rows.flatMap((row) => {
      const action = AUDIT_ACTIONS.find((name) => name === row.action);
      return action === undefined ? [] : { ...row, action };
    });

  return {
    record: (unit, entry) => store.add(toRow(entry), unit.tx),
    recordAlone: (entry) => store.add(toRow(entry)),
    page: async (filter, page) => known(await store.page(filter, page)),
    byIds: async (ids) => known(await store.findByIds(ids)),
    exportSection: {
      type: "act",
      page: async (userId, after, limit) => {
        const rows = await store.ofActor(userId, keyOf(after), limit + 1);
        return exportPage(
          rows,
          limit,
          ({ at, id }) => `${at.toISOString()} ${id}`,
          ({ action, at, address, device, conversationId, messageId }) => ({
            action,
            at,
            address,
            device,
            conversationId,
            messageId,
          }),
        );
      },
    },
    start: () => {
      timer = setInterval(() => void prune(), PRUNE_INTERVAL_MS);
      timer.unref();
      void prune();
    },
    stop: () => {
      clearInterval(timer);
    },
  };
}

function keyOf(after: string | null): AuditKey | null {
  const [at, id] = after?.split(" ") ?? [];
  return at === undefined || id === undefined ? null : { at: new Date(at), id };
}
