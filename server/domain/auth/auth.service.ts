import type { RateLimits } from "../../infra/rate-limits.ts";
import type { Passwords } from "../../infra/passwords.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Position } from "../../kernel/cursor.ts";
import { InvalidInputError, type FieldProblem } from "../../kernel/errors.ts";
import { SuspendedError } from "../admin/admin.errors.ts";
import { InvalidCredentialsError, SessionActiveError } from "./auth.errors.ts";
import { newId } from "../../kernel/ids.ts";
import { networkOf } from "../../kernel/network.ts";
import type { NewEvent } from "../../log/event.ts";
import type { Log } from "../../log/log.ts";
import type { Unit } from "../../log/unit.ts";
import type { UserRecord } from "../user/user.record.ts";
import type { AdminService } from "../admin/admin.service.ts";
import type { AuditService } from "../audit/audit.service.ts";
import type { RoomService } from "../room/room.service.ts";
import { isUsername, nameProblems, usernameKey, type UserService } from "../user/user.service.ts";
import {
  logInBlockedUntil,
  passwordProblems,
  isCommonPassword,
  type SessionPolicy,
} from "./auth.policy.ts";
import type { AuthStore, Credential } from "./auth.store.ts";
import type { GuessService } from "./guess.service.ts";
import type { Origin } from "../../kernel/origin.ts";
import type { Viewer } from "../../kernel/viewer.ts";
import type { SessionRecord, SessionService } from "../session/session.service.ts";

export { PASSWORD_MAX_LENGTH, PASSWORD_MIN_LENGTH, type SessionPolicy } from "./auth.policy.ts";

export interface LoggedIn {
  user: UserRecord;
  session: SessionRecord;
  /** The secret token; the server stores only its hash. */
  token: string;
  position: Position;
}

export interface SignUpRequest {
  username: string;
  password: string;
  displayName: string | null;
}

export interface AuthService {
  /**
   * @param replaced the viewer whose session the new one replaces, such as in a browser's cookie
   * @throws InvalidInputError UsernameTakenError RateLimitedError OverloadedError
   */
  signUp(request: SignUpRequest, origin: Origin, replaced: Viewer | null): Promise<LoggedIn>;
  /**
   * @param replaced as for `signUp`
   * @throws InvalidCredentialsError SuspendedError SessionActiveError RateLimitedError OverloadedError
   */
  logIn(
    username: string,
    password: string,
    origin: Origin,
    replaced: Viewer | null,
  ): Promise<LoggedIn>;
  logOut(viewer: Viewer, origin: Origin): Promise<void>;
  /**
   * Checks the password of a logged-in user.
   *
   * @throws InvalidCredentialsError RateLimitedError OverloadedError
   */
  confirmPassword(viewer: Viewer, password: string): Promise<void>;
  /** Removes the credential in the unit, so that no one can log in to the account. */
  removeCredential(unit: Unit, userId: string): Promise<void>;
  /**
   * Changes the password, gives the session a new token and ends all others.
   *
   * @throws InvalidInputError InvalidCredentialsError RateLimitedError OverloadedError
   */
  changePassword(
    viewer: Viewer,
    current: string,
    next: string,
    origin: Origin,
  ): Promise<{ token: string; ended: number }>;
}

export interface AuthServiceOptions {
  store: AuthStore;
  sessions: SessionService;
  users: UserService;
  rooms: RoomService;
  admin: AdminService;
  audit: AuditService;
  passwords: Passwords;
  guesses: GuessService;
  /** Names of the server, which must not be passwords. */
  reservedNames: readonly string[];
  log: Log;
  clock: Clock;
  rates: RateLimits;
  policy: SessionPolicy;
}

export function makeAuthService(options: AuthServiceOptions): AuthService {
  const { store, sessions, users, passwords, guesses, admin, audit, log, clock, rates } = options;

  const problemsOf = async (
    field: string,
    password: string,
    names: readonly string[],
  ): Promise<FieldProblem[]> => {
    const problems = passwordProblems(field, password, [...names, ...options.reservedNames]);
    if (problems.length > 0) return problems;
    return (await passwords.isCommon(password)) ? [isCommonPassword(field)] : [];
  };

  /** Also done for an unknown name, so that it takes as long. */
  const noteFailure = (
    targetId: string | null,
    reason: "wrong" | "suspended",
    origin: Origin,
  ): Promise<void> =>
    audit.recordAlone({
      action: "LOG_IN_FAILED",
      actorId: null,
      targetId,
      origin,
      details: { reason },
    });

  /** Ends the session that the new one replaces. Returns the events that the caller must append. */
  const endReplaced = async (
    unit: Unit,
    replaced: Viewer | null,
    origin: Origin,
  ): Promise<NewEvent[]> => {
    if (replaced === null) return [];
    const { user, session } = replaced;
    await audit.record(unit, { action: "LOGGED_OUT", actorId: user.id, origin });
    return sessions.end(unit, user.id, [session.id]);
  };

  /** Returns the account if the password is right. */
  const verify = async (
    username: string,
    password: string,
    origin: Origin,
  ): Promise<Credential> => {
    const found = isUsername(username) ? await store.findCredential(usernameKey(username)) : null;
    if (!(await passwords.verify(found?.passwordHash ?? null, password)) || found === null) {
      await noteFailure(found?.user.id ?? null, "wrong", origin);
      throw new InvalidCredentialsError();
    }
    return found;
  };

  /** Opens a session and ends those that the session policy does not allow beside it. */
  const openSession = async (
    unit: Unit,
    { user, passwordHash }: Credential,
    origin: Origin,
    replaced: Viewer | null,
  ): Promise<LoggedIn> => {
    await sessions.lockUser(unit, user.id);
    await admin.rejectSuspended(unit, user.id);
    // The password may have changed, and sessions ended, during the check.
    if ((await store.passwordHash(user.id, unit.tx)) !== passwordHash)
      throw new InvalidCredentialsError();
    const active = options.policy === "multiple" ? [] : await sessions.active(unit, user.id);
    const others = active.filter(({ id }) => id !== replaced?.session.id);
    const alive = others.map((session) => session.aliveUntil.getTime());
    const blockedUntil = logInBlockedUntil(options.policy, alive, clock.now());
    if (blockedUntil !== null) throw new SessionActiveError(blockedUntil - clock.now());
    const opened = await sessions.open(unit, user, origin);
    const ended = await sessions.end(
      unit,
      user.id,
      others.map(({ id }) => id),
    );
    await audit.record(unit, { action: "LOGGED_IN", actorId: user.id, origin });
    ended.push(...(await endReplaced(unit, replaced, origin)));
    const placed = ended.length === 0 ? [] : await unit.appendAll(ended);
    return { user, ...opened, position: placed.at(-1)?.position ?? log.position };
  };

  return {
    signUp: async (request, origin, replaced) => {
      const username = request.username.trim();
      const displayName = request.displayName?.trim() ?? "";
      const problems = [
        ...nameProblems(username, displayName),
        ...(await problemsOf("password", request.password, [username, displayName])),
      ];
      if (problems.length > 0) throw new InvalidInputError(problems);
      await rates.take("SIGN_UP", networkOf(origin.address));
      const user: UserRecord = {
        id: newId(clock.now()),
        username,
        usernameKey: usernameKey(username),
        displayName: displayName === "" ? username : displayName,
        createdAt: new Date(clock.now()),
        avatarId: null,
        statusText: null,
        changedAt: null,
      };
      const passwordHash = await passwords.hash(request.password);
      return log.write(async (unit) => {
        await users.create(unit, user, passwordHash);
        const { session, token } = await sessions.open(unit, user, origin);
        const position = await options.rooms.admitToLobby(unit, user);
        await admin.claimFirst(unit, user);
        await audit.record(unit, { action: "SIGNED_UP", actorId: user.id, origin });
        const left = await endReplaced(unit, replaced, origin);
        if (left.length > 0) await unit.appendAll(left);
        return { user, session, token, position };
      });
    },

    logIn: (username, password, origin, replaced) =>
      guesses.countLogIn(username, origin.address, async () => {
        const credential = await verify(username, password, origin);
        try {
          return await log.write((unit) => openSession(unit, credential, origin, replaced));
        } catch (error) {
          if (error instanceof SuspendedError)
            await noteFailure(credential.user.id, "suspended", origin);
          throw error;
        }
      }),

    logOut: async (viewer, origin) => {
      await log.write(async (unit) => {
        await audit.record(unit, { action: "LOGGED_OUT", actorId: viewer.user.id, origin });
        await unit.appendAll(await sessions.end(unit, viewer.user.id, [viewer.session.id]));
      });
    },

    confirmPassword: guesses.confirmPassword,
    removeCredential: (unit, userId) => store.removeCredential(unit.tx, userId),
    changePassword: async (viewer, current, next, origin) => {
      const { username, displayName } = viewer.user;
      const problems = await problemsOf("newPassword", next, [username, displayName]);
      if (problems.length > 0) throw new InvalidInputError(problems);
      const { user, session } = viewer;
      await guesses.confirmPassword(viewer, current);
      const passwordHash = await passwords.hash(next);
      return log.write(async (unit) => {
        await sessions.lockUser(unit, user.id);
        await store.setPasswordHash(unit.tx, user.id, passwordHash, new Date(clock.now()));
        const token = await sessions.rotate(unit, session);
        const others = (await sessions.active(unit, user.id)).filter(({ id }) => id !== session.id);
        const ended = await sessions.end(
          unit,
          user.id,
          others.map(({ id }) => id),
        );
        await audit.record(unit, { action: "PASSWORD_CHANGED", actorId: user.id, origin });
        if (ended.length > 0) await unit.appendAll(ended);
        return { token, ended: ended.length };
      });
    },
  };
}
