import type { Clock } from "../../kernel/clock.ts";
import { DomainError, OverloadedError, RetryableError } from "../../kernel/errors.ts";
import { MutedError, SlowModeError } from "../room/room.errors.ts";
import type { Logger } from "../../kernel/logger.ts";
import type { Log } from "../../log/log.ts";
import type { SendService } from "../message/send.service.ts";
import type { UserService } from "../user/user.service.ts";
import { scheduledMessageChanged } from "./schedule.events.ts";
import { makeDueTimer } from "./due-timer.ts";
import { changeOf } from "./schedule.service.ts";
import type { ScheduledRecord, ScheduleStore } from "./schedule.store.ts";

/** How long an instance holds a claim before others may retry, in milliseconds. */
const CLAIM_MS = 10_000;
const BATCH = 50;
/** Interval at which each instance checks for due messages without a notification, in milliseconds. */
const MAX_INTERVAL_MS = 60_000;
/** Delay when due messages are claimed by others, in milliseconds. */
const MIN_INTERVAL_MS = 1_000;

/** Sends scheduled messages when they are due, on any instance. */
export interface ScheduleSender {
  start(): void;
  stop(): Promise<void>;
}

export interface ScheduleSenderOptions {
  store: ScheduleStore;
  sending: SendService;
  users: UserService;
  log: Log;
  clock: Clock;
  logger: Logger;
}

/**
 * Creates the sender. An instance claims a due message, sends it as its author would, and removes it from
 * the list. A crash between these steps cannot duplicate it: the message has the client id of its
 * schedule, so a repeated send returns the first message. If the instance crashes, another one takes over
 * after `CLAIM_MS`.
 */
export function makeScheduleSender(options: ScheduleSenderOptions): ScheduleSender {
  const { store, sending, users, log, clock, logger } = options;

  const removeSent = (sent: ScheduledRecord): Promise<void> =>
    log.write(async (unit) => {
      if (await store.remove(unit.tx, sent.id)) await unit.append(changeOf(sent, null));
    });

  /** Stores the outcome of a claimed message, if it still exists. */
  const reschedule = (
    claimed: ScheduledRecord,
    change: Pick<Partial<ScheduledRecord>, "dueAt" | "state" | "failure" | "claimedAt">,
  ): Promise<void> =>
    log.write(async (unit) => {
      const own = await store.lock(unit.tx, claimed.authorId, claimed.id);
      if (own === null || own.state !== "SCHEDULED") return;
      await store.change(unit.tx, own.id, change);
      await unit.append(changeOf(own, change.dueAt ?? null));
    });

  const handleRejection = (due: ScheduledRecord, error: DomainError): Promise<void> => {
    // The database has confirmed that it was not sent, so its author may change it again.
    if (!(error instanceof RetryableError) || error instanceof MutedError)
      return reschedule(due, { state: "FAILED", failure: error.code, claimedAt: null });
    const dueAt = new Date(clock.now() + error.retryAfterMs);
    if (error instanceof SlowModeError) return reschedule(due, { dueAt, claimedAt: null });
    // This attempt did not reach the database, but a crashed instance may have sent it.
    return reschedule(due, { dueAt });
  };

  const send = async (due: ScheduledRecord): Promise<void> => {
    const { conversationId, body, clientId, replyToId, threadRootId } = due;
    try {
      const author = await users.byId(due.authorId);
      if (author === null) return;
      await sending.send(author, { conversationId, body, clientId, replyToId, threadRootId });
      await removeSent(due);
    } catch (error) {
      // Whether it was sent is unknown: it stays claimed and is retried.
      if (!(error instanceof DomainError) || error instanceof OverloadedError) {
        logger.warn({ err: error }, "A scheduled message could not be sent; trying again");
      } else await handleRejection(due, error);
    }
  };

  const sendDue = async (): Promise<number | null> => {
    for (;;) {
      const now = clock.now();
      const due = await store.claim(new Date(now), new Date(now + CLAIM_MS), BATCH);
      // Sent one after another, so that overdue messages keep their order.
      for (const scheduled of due) await send(scheduled);
      if (due.length < BATCH) break;
    }
    return (await store.nextDue())?.getTime() ?? null;
  };

  const timer = makeDueTimer({
    clock,
    work: sendDue,
    failed: (error) => {
      logger.warn({ err: error }, "Due messages could not be read; trying again");
    },
    maxIntervalMs: MAX_INTERVAL_MS,
    minIntervalMs: MIN_INTERVAL_MS,
  });
  log.observe((event) => {
    if (!scheduledMessageChanged.is(event)) return;
    const { dueAt } = event.payload;
    if (dueAt !== null) timer.setFor(dueAt.getTime());
  });
  return timer;
}
