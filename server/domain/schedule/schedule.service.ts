import type { RateLimits } from "../../infra/rate-limits.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Position } from "../../kernel/cursor.ts";
import {
  InvalidInputError,
  LimitReachedError,
  NotAllowedError,
  NotFoundError,
} from "../../kernel/errors.ts";
import { NotAMemberError } from "../conversation/conversation.errors.ts";
import { newId } from "../../kernel/ids.ts";
import type { NewEvent } from "../../log/event.ts";
import { exportPage, type ExportSection } from "../../kernel/export-section.ts";
import type { Log } from "../../log/log.ts";
import type { Unit } from "../../log/unit.ts";
import type { ConversationService } from "../conversation/conversation.service.ts";
import type { SendService } from "../message/send.service.ts";
import { scheduledMessageChanged } from "./schedule.events.ts";
import { canChangeScheduled, canSchedule, timeProblems } from "./schedule.policy.ts";
import type { ScheduledPage, ScheduledRecord, ScheduleStore } from "./schedule.store.ts";

export type { ScheduledKey, ScheduledPage, ScheduledRecord } from "./schedule.store.ts";

/** Maximum number of scheduled messages of one user, including failed ones. */
export const SCHEDULE_LIMIT = 100;

export interface ScheduleRequest {
  conversationId: string;
  body: string;
  sendAt: Date;
  /** A UUID that the author generated; null to generate one here. */
  clientId: string | null;
  replyToId: string | null;
  threadRootId: string | null;
}

export interface Scheduled {
  scheduled: ScheduledRecord;
  position: Position;
}

export interface ScheduleService {
  /** A user's scheduled messages, for the user's export. */
  readonly exportSection: ExportSection;
  /** Removes all scheduled messages of a user in the unit. */
  eraseUser(unit: Unit, userId: string): Promise<void>;
  /**
   * A repeated `clientId` of a waiting message returns the first one.
   *
   * @throws InvalidInputError NotFoundError NotAMemberError LimitReachedError RateLimitedError
   */
  schedule(viewerId: string, request: ScheduleRequest): Promise<Scheduled>;
  /** @throws InvalidInputError NotFoundError NotAllowedError while it is being sent */
  edit(
    viewerId: string,
    id: string,
    change: { body?: string | undefined; sendAt?: Date | undefined },
  ): Promise<Scheduled>;
  /** @throws NotFoundError NotAllowedError while it is being sent */
  cancel(viewerId: string, id: string): Promise<Scheduled>;
  /** Sorted by time, next first. */
  page(viewerId: string, page: ScheduledPage): Promise<ScheduledRecord[]>;
  /** In the order of `ids`; null for scheduled messages of others and missing ones. */
  ownByIds(viewerId: string, ids: readonly string[]): Promise<(ScheduledRecord | null)[]>;
  /** The current scheduled message; null if it was sent or cancelled. The caller must be its author. */
  find(id: string): Promise<ScheduledRecord | null>;
}

export interface ScheduleServiceOptions {
  store: ScheduleStore;
  sending: SendService;
  conversations: ConversationService;
  log: Log;
  clock: Clock;
  rates: RateLimits;
}

export function makeScheduleService({
  store,
  sending,
  conversations,
  log,
  clock,
  rates,
}: ScheduleServiceOptions): ScheduleService {
  const requireTime = (sendAt: Date): void => {
    const problems = timeProblems(sendAt.getTime(), clock.now());
    if (problems.length > 0) throw new InvalidInputError(problems);
  };

  /** Changes the viewer's scheduled message, unless it is being sent. */
  const change = (
    viewerId: string,
    id: string,
    work: (own: ScheduledRecord, unit: Unit) => Promise<ScheduledRecord | null>,
  ): Promise<Scheduled> =>
    log.write(async (unit) => {
      // Locks the row before the log, in the same order as the sender that claims it.
      const own = await store.lock(unit.tx, viewerId, id);
      if (own === null) throw new NotFoundError(NOUN);
      if (!canChangeScheduled(own)) throw new NotAllowedError("This message is being sent.");
      const changed = await work(own, unit);
      const { position } = await unit.append(changeOf(own, changed?.dueAt ?? null));
      return { scheduled: changed ?? own, position };
    });

  return {
    page: store.page,
    eraseUser: (unit, userId) => store.removeAll(unit.tx, userId),
    exportSection: {
      type: "scheduledMessage",
      page: async (userId, after, limit) =>
        exportPage(
          await store.ofAuthor(userId, after, limit + 1),
          limit,
          ({ id }) => id,
          ({
            id,
            conversationId,
            threadRootId,
            replyToId,
            body,
            sendAt,
            state,
            failure,
            createdAt,
          }) => ({
            id,
            conversationId,
            threadRootId,
            replyToId,
            body,
            sendAt,
            state,
            failure,
            createdAt,
          }),
        ),
    },
    find: async (id) => (await store.findByIds([id]))[0] ?? null,
    ownByIds: async (viewerId, ids) => {
      const own = (await store.findByIds(ids)).filter(({ authorId }) => authorId === viewerId);
      const byId = new Map(own.map((scheduled) => [scheduled.id, scheduled]));
      return ids.map((id) => byId.get(id) ?? null);
    },
    schedule: async (viewerId, { conversationId, sendAt, body, ...request }) => {
      sending.requireBody(body);
      requireTime(sendAt);
      await rates.take("SCHEDULE", viewerId);
      if (!canSchedule(await conversations.requireVisible(viewerId, conversationId)))
        throw new NotAMemberError();
      await sending.requireWithin(conversationId, request);
      return log.write(async (unit) => {
        // The limit and the repeated client id are checked by one unit at a time.
        await unit.lockLog();
        const id = newId(clock.now());
        const clientId = request.clientId?.toLowerCase() ?? id;
        const earlier = await store.findByClientId(unit.tx, viewerId, clientId);
        if (earlier !== null) return { scheduled: earlier, position: await log.head(unit.tx) };
        if ((await store.count(unit.tx, viewerId)) >= SCHEDULE_LIMIT) {
          const most = `You can schedule at most ${String(SCHEDULE_LIMIT)} messages.`;
          throw new LimitReachedError(most);
        }
        const { replyToId, threadRootId } = request;
        const scheduled: ScheduledRecord = {
          id,
          authorId: viewerId,
          clientId,
          conversationId,
          threadRootId,
          replyToId,
          body,
          sendAt,
          dueAt: sendAt,
          claimedAt: null,
          state: "SCHEDULED",
          failure: null,
          createdAt: new Date(clock.now()),
        };
        const { position } = await unit.append(changeOf(scheduled, sendAt));
        await store.create(unit.tx, scheduled);
        return { scheduled, position };
      });
    },
    edit: async (viewerId, id, { body, sendAt }) => {
      if (body !== undefined) sending.requireBody(body);
      return change(viewerId, id, async (own, unit) => {
        // A failed message without a new time would be due in the past.
        const at = sendAt ?? own.sendAt;
        requireTime(at);
        const changed: ScheduledRecord = {
          ...own,
          body: body ?? own.body,
          sendAt: at,
          dueAt: at,
          claimedAt: null,
          state: "SCHEDULED",
          failure: null,
        };
        const { state, failure, claimedAt, dueAt } = changed;
        await store.change(unit.tx, id, {
          body: changed.body,
          sendAt: at,
          dueAt,
          claimedAt,
          state,
          failure,
        });
        return changed;
      });
    },
    cancel: (viewerId, id) =>
      change(viewerId, id, async (_own, unit) => {
        await store.remove(unit.tx, id);
        return null;
      }),
  };
}

const NOUN = "scheduled message";

/** @param dueAt new due time; null if it will not be sent */
export function changeOf(scheduled: ScheduledRecord, dueAt: Date | null): NewEvent {
  const { id: scheduledId, conversationId, authorId } = scheduled;
  return scheduledMessageChanged(authorId, { scheduledId, conversationId, dueAt });
}
