import type { Clock } from "../../kernel/clock.ts";
import { NotAuthenticatedError } from "../../kernel/errors.ts";
import type { Logger } from "../../kernel/logger.ts";
import type { Origin } from "../../kernel/origin.ts";
import type { Log } from "../../log/log.ts";
import type { Unit } from "../../log/unit.ts";
import type { AdminService } from "../admin/admin.service.ts";
import type { AuditService } from "../audit/audit.service.ts";
import type { AuthService } from "../auth/auth.service.ts";
import type { Viewer } from "../../kernel/viewer.ts";
import type { SessionService } from "../session/session.service.ts";
import type { OwnMessagesService } from "../message/own-messages.service.ts";
import type { LeaveAllService } from "../room/leave-all.service.ts";
import type { UserService } from "../user/user.service.ts";
import { userDeleted } from "../user/user.events.ts";
import type { DeletionRecord, DeletionStore } from "./deletion.store.ts";

export interface DeletionService {
  /**
   * Deletes the viewer's account. When it resolves, no one can log in, and no identifying data remains
   * (or it will be removed soon, if the database became unavailable meanwhile). Messages stay or are
   * deleted afterwards.
   *
   * @throws NotAuthenticatedError InvalidCredentialsError NotAllowedError LastAdministratorError
   *   RateLimitedError OverloadedError
   */
  delete(viewer: Viewer, password: string, deleteMessages: boolean, origin: Origin): Promise<void>;
  /** Resumes deletions that a crash interrupted, here or on another instance. */
  start(): void;
  /** Waits for the running step. The next start resumes the deletion. */
  stop(): Promise<void>;
}

export interface DeletionServiceOptions {
  store: DeletionStore;
  auth: AuthService;
  sessions: SessionService;
  users: UserService;
  memberships: LeaveAllService;
  messages: OwnMessagesService;
  admin: AdminService;
  audit: AuditService;
  /** Removes what identifies the user in all slices, in the unit that removes the name. */
  eraseUser: (unit: Unit, userId: string) => Promise<void>;
  log: Log;
  clock: Clock;
  logger: Logger;
}

const RESUME_INTERVAL_MS = 30_000;
/** Number of conversations left in one transaction, which blocks all sends while it runs. */
const CONVERSATION_BATCH = 20;
const MESSAGE_BATCH = 200;

export function makeDeletionService(options: DeletionServiceOptions): DeletionService {
  const { store, auth, sessions, users, memberships, admin, audit, log, clock, logger } = options;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let background = Promise.resolve();

  /** Runs one locked step of a deletion. Returns whether more remains. */
  const step = (
    userId: string,
    work: (unit: Unit, deletion: DeletionRecord) => Promise<boolean>,
  ): Promise<boolean> =>
    log.write(async (unit) => {
      const deletion = await store.lock(unit.tx, userId);
      return deletion === null ? false : work(unit, deletion);
    });

  /** Ends memberships in batches, then removes the name and its dependent data. */
  const removeIdentity = async (userId: string): Promise<void> => {
    let goesOn = true;
    while (goesOn && !stopped) {
      goesOn = await step(userId, async (unit, deletion) => {
        if (deletion.identityRemovedAt !== null) return false;
        const user = await users.byId(userId, unit.tx);
        if (user === null) throw new Error("The row of a deleted account is missing");
        // From here to COMMIT, the user cannot join a conversation again.
        await unit.lockLog();
        if (await memberships.leaveAll(unit, user, CONVERSATION_BATCH)) return true;
        await options.eraseUser(unit, userId);
        await sessions.removeAll(unit, userId);
        const left = await users.anonymise(unit, user);
        const now = new Date(clock.now());
        await store.setIdentityRemoved(unit.tx, userId, now);
        if (!deletion.deleteMessages) await store.finish(unit.tx, userId, now);
        await unit.append(userDeleted({ user: left }));
        return false;
      });
    }
  };

  const removeMessages = async (userId: string): Promise<void> => {
    let goesOn = true;
    while (goesOn && !stopped) {
      goesOn = await step(userId, async (unit, { messagesAfter, deleteMessages }) => {
        if (!deleteMessages) return false;
        const { erase } = options.messages;
        const next = await erase(unit, userId, messagesAfter, MESSAGE_BATCH);
        if (next === null) await store.finish(unit.tx, userId, new Date(clock.now()));
        else await store.setMessagesAfter(unit.tx, userId, next);
        return next !== null;
      });
    }
  };

  const resume = async (): Promise<void> => {
    try {
      for (const userId of await store.unfinished()) {
        await removeIdentity(userId);
        await removeMessages(userId);
      }
    } catch (error) {
      logger.warn({ err: error }, "An account deletion failed; trying again");
    }
  };

  /** Runs tasks one at a time. */
  const inBackground = (work: () => Promise<void>): void => {
    background = background.then(() => (stopped ? undefined : work()));
  };

  return {
    delete: async (viewer, password, deleteMessages, origin) => {
      await auth.confirmPassword(viewer, password);
      const { user, session } = viewer;
      await log.write(async (unit) => {
        await sessions.lockUser(unit, user.id);
        const going = await sessions.active(unit, user.id);
        // A parallel deletion may have ended the session during the password check.
        if (!going.some(({ id }) => id === session.id)) throw new NotAuthenticatedError();
        const ended = await sessions.end(
          unit,
          user.id,
          going.map(({ id }) => id),
        );
        await unit.appendAll(ended);
        await admin.eraseUser(unit, user);
        await auth.removeCredential(unit, user.id);
        const requestedAt = new Date(clock.now());
        await store.begin(unit.tx, { userId: user.id, deleteMessages, requestedAt });
        await audit.record(unit, { action: "ACCOUNT_DELETED", actorId: user.id, origin });
      });
      // The deletion is committed. An instance retries later steps if they fail.
      try {
        await removeIdentity(user.id);
      } catch (error) {
        logger.warn({ err: error }, "A deleted account still has its name; trying again");
      }
      if (deleteMessages) inBackground(resume);
    },
    start: () => {
      inBackground(resume);
      timer = setInterval(() => {
        inBackground(resume);
      }, RESUME_INTERVAL_MS);
      timer.unref();
    },
    stop: async () => {
      stopped = true;
      clearInterval(timer);
      await background;
    },
  };
}
