import type { Clock } from "../../kernel/clock.ts";
import {
  DomainError,
  MutedError,
  OverloadedError,
  RetryableError,
  SlowModeError,
} from "../../kernel/errors.ts";
import type { Logger } from "../../kernel/logger.ts";
import type { Log } from "../../log/log.ts";
import type { SendService } from "../message/send.service.ts";
import type { UserService } from "../user/user.service.ts";
import { makeDueTimer } from "./due-timer.ts";
import { changeOf } from "./schedule.service.ts";
import type { ScheduledRecord, ScheduleStore } from "./schedule.store.ts";

/** How long one instance has what it took, in milliseconds, before others try it, too. */
const CLAIM_MS = 10_000;
const BATCH = 50;
/** Without a word of anything new, how often each instance looks for what is due, in milliseconds. */
const REST_MS = 60_000;
/** How long it waits when what is due is in other hands, in milliseconds. */
const PAUSE_MS = 1_000;

/** Sends scheduled messages when they are due, on whichever instance is there. */
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
 * An instance claims what is due, sends it as its author does, and takes it off the list. Whatever
 * happens between these steps, a message is there once: it has the client id of its schedule, so that
 * sending it again answers the first one. When the instance dies, another takes over after `CLAIM_MS`.
 */
export function makeScheduleSender(options: ScheduleSenderOptions): ScheduleSender {
  const { store, sending, users, log, clock, logger } = options;

  const takeOff = (sent: ScheduledRecord): Promise<void> =>
    log.write(async (unit) => {
      if (await store.remove(unit.tx, sent.id)) await unit.append([changeOf(sent, null)]);
    });

  /** Tells what has become of one that was claimed, if it is still there. */
  const putBack = (
    claimed: ScheduledRecord,
    change: Pick<Partial<ScheduledRecord>, "dueAt" | "state" | "failure" | "claimedAt">,
  ): Promise<void> =>
    log.write(async (unit) => {
      const own = await store.lock(unit.tx, claimed.authorId, claimed.id);
      if (own === null || own.state !== "SCHEDULED") return;
      await store.change(unit.tx, own.id, change);
      await unit.append([changeOf(own, change.dueAt ?? null)]);
    });

  const refused = (due: ScheduledRecord, error: DomainError): Promise<void> => {
    // The database has decided that it is not there, so its author may change it again.
    if (!(error instanceof RetryableError) || error instanceof MutedError)
      return putBack(due, { state: "FAILED", failure: error.code, claimedAt: null });
    const dueAt = new Date(clock.now() + error.retryAfterMs);
    if (error instanceof SlowModeError) return putBack(due, { dueAt, claimedAt: null });
    // Nobody has asked the database: an instance that died may have sent it.
    return putBack(due, { dueAt });
  };

  const send = async (due: ScheduledRecord): Promise<void> => {
    const { conversationId, body, clientId, replyToId, threadRootId } = due;
    try {
      const author = await users.byId(due.authorId);
      if (author === null) return;
      await sending.send(author, { conversationId, body, clientId, replyToId, threadRootId });
      await takeOff(due);
    } catch (error) {
      // Whether it was sent is not known: it stays claimed and is tried again.
      if (!(error instanceof DomainError) || error instanceof OverloadedError) {
        logger.warn({ err: error }, "A scheduled message could not be sent; trying again");
      } else await refused(due, error);
    }
  };

  const sendDue = async (): Promise<number | null> => {
    for (;;) {
      const now = clock.now();
      const due = await store.claim(new Date(now), new Date(now + CLAIM_MS), BATCH);
      // One after another, so that what waited while nothing ran comes in its order.
      for (const scheduled of due) await send(scheduled);
      if (due.length < BATCH) break;
    }
    return (await store.nextDue())?.getTime() ?? null;
  };

  const alarm = makeDueTimer({
    clock,
    work: sendDue,
    failed: (error) => {
      logger.warn({ err: error }, "What is due could not be looked for; trying again");
    },
    restMs: REST_MS,
    pauseMs: PAUSE_MS,
  });
  log.observe((event) => {
    if (event.type !== "SCHEDULED_MESSAGE_CHANGED") return;
    const { dueAt } = event.payload;
    if (dueAt !== null) alarm.setFor(dueAt.getTime());
  });
  return alarm;
}
