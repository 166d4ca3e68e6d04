import { createHash, randomBytes } from "node:crypto";
import type { RateLimits } from "../../infra/rate-limits.ts";
import type { Clock } from "../../kernel/clock.ts";
import { OverloadedError } from "../../kernel/errors.ts";
import type { Origin } from "../../kernel/origin.ts";
import type { ExportSection } from "../../kernel/export-section.ts";
import type { Log } from "../../log/log.ts";
import type { Unit } from "../../log/unit.ts";
import type { AuditService } from "../audit/audit.service.ts";
import type { AuthService } from "../auth/auth.service.ts";
import type { Viewer } from "../../kernel/viewer.ts";
import type { ExportStore } from "./export.store.ts";

/** A ticket for one download of the user's data. */
export interface ExportTicket {
  token: string;
  expiresAt: Date;
}

/** Writes text; resolves when there is room for more. */
export type WriteText = (text: string) => Promise<void>;

export interface ExportService {
  /** @throws InvalidCredentialsError RateLimitedError OverloadedError */
  request(viewer: Viewer, password: string, origin: Origin): Promise<ExportTicket>;
  /**
   * Consumes a ticket. Returns a function that writes the data and must be called; null for an unknown,
   * used or expired ticket.
   *
   * @throws OverloadedError if too many exports are running; the ticket then stays valid
   */
  redeem(token: string, origin: Origin): Promise<((write: WriteText) => Promise<void>) | null>;
  /** Withdraws a user's tickets in the unit. */
  eraseUser(unit: Unit, userId: string): Promise<void>;
}

export interface ExportServiceOptions {
  store: ExportStore;
  auth: AuthService;
  audit: AuditService;
  log: Log;
  clock: Clock;
  rates: RateLimits;
  /** Returns the sections of all slices, in the order of the export. */
  sections: () => readonly ExportSection[];
  /** Maximum duration of one export, in milliseconds. */
  timeoutMs: number;
}

const TICKET_MS = 300_000;
/** Each export holds a database connection while it runs. */
const PARALLEL_EXPORTS = 2;
const RETRY_AFTER_MS = 10_000;
const PAGE = 200;
const VERSION = 1;

export function makeExportService(options: ExportServiceOptions): ExportService {
  const { store, auth, audit, log, clock, sections } = options;
  let running = 0;

  /** Writes JSON lines: the header first and the counts last, so that a cut is visible. */
  const writeAll = async (userId: string, write: WriteText): Promise<void> => {
    const counts: Record<string, number> = {};
    const at = new Date(clock.now());
    const cursor = await log.head();
    await write(line("export", { version: VERSION, userId, at, position: cursor }));
    for (const { type, page } of sections()) {
      counts[type] = 0;
      let after: string | null = null;
      do {
        const { items, next } = await page(userId, after, PAGE);
        counts[type] += items.length;
        if (items.length > 0) await write(items.map((item) => line(type, item)).join(""));
        after = next;
      } while (after !== null);
    }
    await write(line("end", { counts }));
  };

  return {
    request: async (viewer, password, origin) => {
      await auth.confirmPassword(viewer, password);
      await options.rates.take("EXPORT", viewer.user.id);
      const token = randomBytes(32).toString("base64url");
      const expiresAt = new Date(clock.now() + TICKET_MS);
      await store.addTicket({ tokenHash: hashOf(token), userId: viewer.user.id, expiresAt });
      await audit.recordAlone({
        action: "DATA_EXPORTED",
        actorId: viewer.user.id,
        origin,
        details: { step: "requested" },
      });
      return { token, expiresAt };
    },
    redeem: async (token, origin) => {
      if (running >= PARALLEL_EXPORTS) throw new OverloadedError(RETRY_AFTER_MS);
      running += 1;
      const done = (): void => {
        running -= 1;
      };
      try {
        const userId = await log.write(async (unit) => {
          const found = await store.takeTicket(unit.tx, hashOf(token), new Date(clock.now()));
          if (found !== null) {
            const details = { step: "fetched" };
            await audit.record(unit, { action: "DATA_EXPORTED", actorId: found, origin, details });
          }
          return found;
        });
        if (userId === null) {
          done();
          return null;
        }
        return (write) =>
          store.inSnapshot(() => writeAll(userId, write), options.timeoutMs).finally(done);
      } catch (error) {
        done();
        throw error;
      }
    },
    eraseUser: (unit, userId) => store.removeTickets(unit.tx, userId),
  };
}

function line(type: string, item: object): string {
  return `${JSON.stringify({ type, ...item })}\n`;
}

function hashOf(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
