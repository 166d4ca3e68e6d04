import type { Clock } from "../../kernel/clock.ts";
import {
  InvalidInputError,
  NotAllowedError,
  NotFoundError,
  type FieldProblem,
} from "../../kernel/errors.ts";
import { LastAdministratorError, SuspendedError } from "./admin.errors.ts";
import type { Origin } from "../../kernel/origin.ts";
import type { Log } from "../../log/log.ts";
import type { Db, Unit } from "../../log/unit.ts";
import type { UserRecord } from "../user/user.record.ts";
import type { AuditService } from "../audit/audit.service.ts";
import type { SessionService } from "../session/session.service.ts";
import { isDeleted, usernameKey, type UserService } from "../user/user.service.ts";
import { canSuspend, isSuspended } from "./admin.policy.ts";
import type { AdminStore, SuspensionPage, SuspensionRecord } from "./admin.store.ts";

export type { SuspensionKey, SuspensionPage, SuspensionRecord } from "./admin.store.ts";

export interface AdminService {
  isAdministrator(user: UserRecord, db?: Db): Promise<boolean>;
  /** @throws NotAllowedError */
  requireAdministrator(user: UserRecord, db?: Db): Promise<void>;
  administratorIds(unit: Unit): Promise<string[]>;
  /**
   * Makes a new user administrator if there is no other account and no administrator is configured.
   * Requires that the unit has locked the log, so that only one of two sign-ups is the first.
   */
  claimFirst(unit: Unit, user: UserRecord): Promise<void>;
  /**
   * Grants or revokes the role; repeating it has no effect.
   *
   * @throws NotAllowedError NotFoundError LastAdministratorError
   */
  setAdministrator(
    viewer: UserRecord,
    userId: string,
    isAdministrator: boolean,
    origin: Origin,
  ): Promise<UserRecord>;
  /**
   * Ends all sessions of a user and rejects new ones.
   *
   * @param until end of the suspension; null if it lasts until an administrator lifts it
   * @throws InvalidInputError NotAllowedError NotFoundError
   */
  suspend(
    viewer: UserRecord,
    request: { userId: string; until: Date | null; reason: string },
    origin: Origin,
  ): Promise<SuspensionRecord>;
  /** @throws NotAllowedError NotFoundError */
  unsuspend(viewer: UserRecord, userId: string, origin: Origin): Promise<UserRecord>;
  /** Suspensions in force, newest first. @throws NotAllowedError */
  suspensions(viewer: UserRecord, page: SuspensionPage): Promise<SuspensionRecord[]>;
  /** Requires that the unit has locked the user's log-ins. @throws SuspendedError */
  rejectSuspended(unit: Unit, userId: string): Promise<void>;
  /**
   * Removes the role and the suspension of an account that is being deleted. Requires that the unit has locked the log.
   *
   * @throws NotAllowedError LastAdministratorError
   */
  eraseUser(unit: Unit, user: UserRecord): Promise<void>;
}

export interface AdminServiceOptions {
  store: AdminStore;
  users: UserService;
  sessions: SessionService;
  audit: AuditService;
  log: Log;
  clock: Clock;
  /** Usernames that always have the role. */
  usernames: readonly string[];
}

const REASON_MAX_LENGTH = 500;

export function makeAdminService(options: AdminServiceOptions): AdminService {
  const { store, users, sessions, audit, log, clock } = options;
  const named = new Set(options.usernames.map(usernameKey));

  const isAdministrator: AdminService["isAdministrator"] = async (user, db) =>
    named.has(user.usernameKey) || store.isAdministrator(user.id, db);

  const requireAdministrator: AdminService["requireAdministrator"] = async (user, db) => {
    if (!(await isAdministrator(user, db)))
      throw new NotAllowedError("Only administrators of this server may do this.");
  };

  const requireUser = async (userId: string): Promise<UserRecord> => {
    const user = await users.byId(userId);
    if (user === null || isDeleted(user)) throw new NotFoundError("person");
    return user;
  };

  /**
   * Requires that the unit has locked the log. Otherwise the last two administrators could both give up
   * the role.
   */
  const requireOther = async (unit: Unit, userId: string): Promise<void> => {
    const ids = await store.administratorIds(unit.tx, [...named]);
    if (ids.every((id) => id === userId)) throw new LastAdministratorError();
  };

  const endSessions = async (unit: Unit, userId: string): Promise<void> => {
    const going = await sessions.active(unit, userId);
    await unit.appendAll(
      await sessions.end(
        unit,
        userId,
        going.map(({ id }) => id),
      ),
    );
  };

  return {
    isAdministrator,
    requireAdministrator,
    administratorIds: (unit) => store.administratorIds(unit.tx, [...named]),
    claimFirst: async (unit, user) => {
      if (named.size > 0 || (await store.hasOtherAccounts(unit.tx, user.id))) return;
      await store.add(unit.tx, user.id, new Date(clock.now()));
    },
    setAdministrator: async (viewer, userId, present, origin) => {
      await requireAdministrator(viewer);
      const user = await requireUser(userId);
      return log.write(async (unit) => {
        await unit.lockLog();
        await requireAdministrator(viewer, unit.tx);
        if ((await isAdministrator(user, unit.tx)) === present) return user;
        if (present) await store.add(unit.tx, userId, new Date(clock.now()));
        else {
          if (named.has(user.usernameKey)) throw namedError();
          await requireOther(unit, userId);
          await store.remove(unit.tx, userId);
        }
        await audit.record(unit, {
          action: present ? "ADMINISTRATOR_ADDED" : "ADMINISTRATOR_REMOVED",
          actorId: viewer.id,
          targetId: userId,
          origin,
        });
        return user;
      });
    },
    suspend: async (viewer, { userId, until, reason }, origin) => {
      const text = reason.trim();
      await requireAdministrator(viewer);
      const problems = reasonProblems(text);
      if (problems.length > 0) throw new InvalidInputError(problems);
      if (until !== null && until.getTime() <= clock.now()) {
        const message = "The time is in the past.";
        throw new InvalidInputError([{ field: "until", code: "INVALID_VALUE", message }]);
      }
      const user = await requireUser(userId);
      const rights = {
        isAdministrator: true,
        isSelf: viewer.id === userId,
        isOtherAdministrator: await isAdministrator(user),
      };
      if (!canSuspend(rights))
        throw new NotAllowedError(
          "An administrator cannot be suspended; revoke the administrator role first.",
        );
      const suspension = { userId, until, reason: text, suspendedAt: new Date(clock.now()) };
      return log.write(async (unit) => {
        // A concurrent log-in either precedes this step and is ended here, or sees the suspension.
        await sessions.lockUser(unit, userId);
        await store.suspend(unit.tx, suspension);
        await audit.record(unit, {
          action: "USER_SUSPENDED",
          actorId: viewer.id,
          targetId: userId,
          origin,
          details: { until: until?.toISOString() ?? "lifted" },
        });
        await endSessions(unit, userId);
        return suspension;
      });
    },
    unsuspend: async (viewer, userId, origin) => {
      await requireAdministrator(viewer);
      const user = await requireUser(userId);
      return log.write(async (unit) => {
        if (!(await store.unsuspend(unit.tx, userId))) return user;
        await audit.record(unit, {
          action: "USER_UNSUSPENDED",
          actorId: viewer.id,
          targetId: userId,
          origin,
        });
        return user;
      });
    },
    suspensions: async (viewer, page) => {
      await requireAdministrator(viewer);
      return store.suspensions(new Date(clock.now()), page);
    },
    rejectSuspended: async (unit, userId) => {
      const suspension = await store.suspension(unit.tx, userId);
      if (suspension !== null && isSuspended(suspension, clock.now()))
        throw new SuspendedError(suspension.until, suspension.reason);
    },
    eraseUser: async (unit, user) => {
      if (named.has(user.usernameKey)) throw namedError();
      if (
        (await store.isAdministrator(user.id, unit.tx)) &&
        (await store.hasOtherAccounts(unit.tx, user.id))
      )
        await requireOther(unit, user.id);
      await store.remove(unit.tx, user.id);
      await store.unsuspend(unit.tx, user.id);
    },
  };
}

/** The next user to take the name would become administrator. */
function namedError(): NotAllowedError {
  return new NotAllowedError(
    "The operator names this account in ADMIN_USERNAMES; it must be removed there first.",
  );
}

/** Returns the problems of a suspension reason; empty if it is valid. */
function reasonProblems(text: string): FieldProblem[] {
  const field = "reason";
  if (text === "" || text.length > REASON_MAX_LENGTH) {
    const message = `Give a reason of at most ${String(REASON_MAX_LENGTH)} characters. The user will see it.`;
    return [{ field, code: text === "" ? "REQUIRED" : "TOO_LONG", message }];
  }
  if (/[\0\p{Cs}]/u.test(text)) {
    const message = "A reason must not contain NUL or lone surrogates.";
    return [{ field, code: "INVALID_FORMAT", message }];
  }
  return [];
}
