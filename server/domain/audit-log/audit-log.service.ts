import { NotAllowedError, NotFoundError } from "../../kernel/errors.ts";
import type { UserRecord } from "../user/user.record.ts";
import type { AdminService } from "../admin/admin.service.ts";
import type { ConversationService } from "../conversation/conversation.service.ts";
import { canSeeRoomAudit } from "./audit-log.policy.ts";
import {
  AUDIT_ACTIONS,
  type AuditEntry,
  type AuditFilter,
  type AuditPage,
  type AuditService,
} from "../audit/audit.service.ts";

export type { AuditAction, AuditKey, AuditPage } from "../audit/audit.service.ts";

/** An entry as the viewer may see it. */
export interface VisibleAuditEntry extends AuditEntry {
  /** Whether the viewer may see the address and device of the action. */
  showsOrigin: boolean;
}

/** Decides who may read which parts of the audit log. */
export interface AuditLogService {
  /** Newest first. @throws NotAllowedError */
  page(viewer: UserRecord, filter: AuditFilter, page: AuditPage): Promise<VisibleAuditEntry[]>;
  /** Entries of one room. @throws NotFoundError NotAllowedError */
  pageOfRoom(viewer: UserRecord, roomId: string, page: AuditPage): Promise<VisibleAuditEntry[]>;
  /** In the order of `ids`; null for entries that do not exist or that the viewer may not see. */
  visibleByIds(viewer: UserRecord, ids: readonly string[]): Promise<(VisibleAuditEntry | null)[]>;
}

/** Only administrators may see who reported, because moderators sit in the same room. */
const FOR_MODERATORS = AUDIT_ACTIONS.filter((action) => action !== "REPORT_MADE");

export interface AuditLogServiceOptions {
  audit: AuditService;
  admin: AdminService;
  conversations: ConversationService;
}

export function makeAuditLogService({
  audit,
  admin,
  conversations,
}: AuditLogServiceOptions): AuditLogService {
  return {
    page: async (viewer, filter, page) => {
      await admin.requireAdministrator(viewer);
      return (await audit.page(filter, page)).map((entry) => ({ ...entry, showsOrigin: true }));
    },
    pageOfRoom: async (viewer, roomId, page) => {
      const isAdministrator = await admin.isAdministrator(viewer);
      const access = (await conversations.access(viewer.id, [roomId])).get(roomId);
      if (access === undefined) throw new NotFoundError("room");
      if (!canSeeRoomAudit({ ...access, isAdministrator }))
        throw new NotAllowedError("Only moderators of this room may see this.");
      const filter = {
        conversationId: roomId,
        ...(isAdministrator ? {} : { actions: FOR_MODERATORS }),
      };
      const entries = await audit.page(filter, page);
      return entries.map((entry) => ({ ...entry, showsOrigin: isAdministrator }));
    },
    visibleByIds: async (viewer, ids) => {
      if (!(await admin.isAdministrator(viewer))) return ids.map(() => null);
      const byId = new Map((await audit.byIds(ids)).map((entry) => [entry.id, entry]));
      return ids.map((id) => {
        const entry = byId.get(id);
        return entry === undefined ? null : { ...entry, showsOrigin: true };
      });
    },
  };
}
