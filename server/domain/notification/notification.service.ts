import type { Clock } from "../../kernel/clock.ts";
import type { Position } from "../../kernel/cursor.ts";
import { InvalidInputError } from "../../kernel/errors.ts";
import { NotAMemberError } from "../conversation/conversation.errors.ts";
import type { Log } from "../../log/log.ts";
import type { Unit } from "../../log/unit.ts";
import { notificationsChanged } from "./notification.events.ts";
import type { NotificationRecord } from "./notification.record.ts";
import type { ConversationService } from "../conversation/conversation.service.ts";
import type { NotificationStore } from "./notification.store.ts";

/** Later times make no sense, and some clients cannot represent them. */
const LATEST = Date.UTC(9999, 11, 31);

export interface NotificationsResult {
  conversationId: string;
  settings: NotificationRecord;
  position: Position;
}

export interface NotificationService {
  /** The user's settings by conversation; absent without a membership. */
  settings(
    userId: string,
    conversationIds: readonly string[],
  ): Promise<Map<string, NotificationRecord>>;
  /**
   * Sets the viewer's notification settings; repeating it has no effect.
   *
   * @throws InvalidInputError NotFoundError NotAMemberError
   */
  set(
    viewerId: string,
    conversationId: string,
    wanted: NotificationRecord,
  ): Promise<NotificationsResult>;
}

export interface NotificationServiceOptions {
  store: NotificationStore;
  conversations: ConversationService;
  log: Log;
  clock: Clock;
}

export function makeNotificationService({
  store,
  conversations,
  log,
  clock,
}: NotificationServiceOptions): NotificationService {
  const settingsOf = async (
    unit: Unit,
    viewerId: string,
    conversationId: string,
  ): Promise<NotificationRecord> => {
    const settings = (await store.settings(viewerId, [conversationId], unit.tx)).get(
      conversationId,
    );
    if (settings === undefined) throw new NotAMemberError();
    return settings;
  };
  return {
    settings: store.settings,
    set: async (viewerId, conversationId, { level, mutedUntil }) => {
      if (mutedUntil !== null && mutedUntil.getTime() > LATEST) {
        const message = "A conversation can be muted until the year 9999 at most.";
        throw new InvalidInputError([{ field: "mutedUntil", code: "INVALID_VALUE", message }]);
      }
      const isMuted = mutedUntil !== null && mutedUntil.getTime() > clock.now();
      const settings = { level, mutedUntil: isMuted ? mutedUntil : null };
      await conversations.requireVisible(viewerId, conversationId);
      return log.write(async (unit) => {
        // Two devices change the settings one after the other, and the member cannot leave meanwhile.
        await unit.lockLog();
        const before = await settingsOf(unit, viewerId, conversationId);
        if (isSame(before, settings))
          return { conversationId, settings, position: await log.head(unit.tx) };
        const { position } = await unit.append(
          notificationsChanged(viewerId, { conversationId, settings }),
        );
        await store.change(unit.tx, viewerId, conversationId, settings);
        return { conversationId, settings, position };
      });
    },
  };
}

function isSame(a: NotificationRecord, b: NotificationRecord): boolean {
  return a.level === b.level && a.mutedUntil?.getTime() === b.mutedUntil?.getTime();
}
