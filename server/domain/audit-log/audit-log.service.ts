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

/** An entry as the viewer sees it. */
export interface VisibleAuditEntry extends AuditEntry {
  /** Whether the viewer may know the address and the device that it came from. */
  showsOrigin: boolean;
}

/** Who may read the audit log, and what of it. */
export interface AuditLogService {
  /** The newest first. @throws NotAllowedError */
  page(viewer: UserRecord, filter: AuditFilter, page: AuditPage): Promise<VisibleAuditEntry[]>;
  /** What was done in one room. @throws NotFoundError NotAllowedError */
  pageOfRoom(viewer: UserRecord, roomId: string, page: AuditPage): Promise<VisibleAuditEntry[]>;
  /** In the order of `ids`; null for what does not exist or is not for the viewer. */
  visibleByIds(viewer: UserRecord, ids: readonly string[]): Promise<(VisibleAuditEntry | null)[]>;
}

/** Who reported stays between them and the administrators: moderators sit in the same room. */
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
        throw new NotAllowedError("Only those who keep order in this room see this.");
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
