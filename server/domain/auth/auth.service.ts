import type { Passwords } from "../../infra/passwords.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Position } from "../../kernel/cursor.ts";
import {
  InvalidCredentialsError,
  InvalidInputError,
  SessionActiveError,
} from "../../kernel/errors.ts";
import { newId } from "../../kernel/ids.ts";
import type { Log } from "../../log/log.ts";
import type { UserRecord } from "../../log/records.ts";
import type { RoomService } from "../room/room.service.ts";
import { isUsername, nameProblems, usernameKey, type UserService } from "../user/user.service.ts";
import { logInBlockedUntil, passwordProblems, type SessionPolicy } from "./auth.policy.ts";
import type { AuthStore } from "./auth.store.ts";
import type { Origin, SessionRecord, SessionService, Viewer } from "./session.service.ts";

export type { SessionPolicy } from "./auth.policy.ts";

export interface LoggedIn {
  user: UserRecord;
  session: SessionRecord;
  /** The secret itself; the server keeps only its hash. */
  token: string;
  position: Position;
}

export interface SignUpRequest {
  username: string;
  password: string;
  displayName: string | null;
}

export interface AuthService {
  /** @throws InvalidInputError UsernameTakenError OverloadedError */
  signUp(request: SignUpRequest, origin: Origin): Promise<LoggedIn>;
  /** @throws InvalidCredentialsError SessionActiveError OverloadedError */
  logIn(username: string, password: string, origin: Origin): Promise<LoggedIn>;
  logOut(viewer: Viewer): Promise<void>;
  /**
   * Changes the password, gives the session a new token and ends all others.
   *
   * @throws InvalidInputError InvalidCredentialsError OverloadedError
   */
  changePassword(
    viewer: Viewer,
    current: string,
    next: string,
  ): Promise<{ token: string; ended: number }>;
}

export interface AuthServiceOptions {
  store: AuthStore;
  sessions: SessionService;
  users: UserService;
  rooms: RoomService;
  passwords: Passwords;
  log: Log;
  clock: Clock;
  policy: SessionPolicy;
}

export function makeAuthService(options: AuthServiceOptions): AuthService {
  const { store, sessions, users, passwords, log, clock } = options;
  return {
    signUp: async (request, origin) => {
      const username = request.username.trim();
      const displayName = request.displayName?.trim() ?? "";
      const problems = [
        ...nameProblems(username, displayName),
        ...passwordProblems("password", request.password, username),
      ];
      if (problems.length > 0) throw new InvalidInputError(problems);
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
      return log.write(async (tx, append) => {
        await users.create(user, passwordHash);
        const { session, token } = await sessions.open(user, origin);
        const position = await options.rooms.admitToLobby(tx, append, user);
        return { user, session, token, position };
      });
    },

    logIn: async (username, password, origin) => {
      const found = isUsername(username) ? await store.findCredential(usernameKey(username)) : null;
      if (!(await passwords.verify(found?.passwordHash ?? null, password)) || found === null) {
        throw new InvalidCredentialsError();
      }
      const { user } = found;
      return log.write(async (tx, append) => {
        await sessions.takeTurns(tx, user.id);
        // The password may have been changed, and sessions ended, while this one was being checked.
        if ((await store.passwordHash(user.id)) !== found.passwordHash)
          throw new InvalidCredentialsError();
        const others = options.policy === "multiple" ? [] : await sessions.going(user.id);
        const alive = others.map((session) => session.aliveUntil.getTime());
        const blockedUntil = logInBlockedUntil(options.policy, alive, clock.now());
        if (blockedUntil !== null) throw new SessionActiveError(blockedUntil - clock.now());
        const opened = await sessions.open(user, origin);
        const ended = await sessions.end(
          user.id,
          others.map(({ id }) => id),
        );
        const places = ended.length === 0 ? [] : await append(ended);
        return { user, ...opened, position: places.at(-1)?.position ?? log.position };
      });
    },

    logOut: async (viewer) => {
      await log.write(async (_tx, append) => {
        await append(await sessions.end(viewer.user.id, [viewer.session.id]));
      });
    },

    changePassword: async (viewer, current, next) => {
      const problems = passwordProblems("newPassword", next, viewer.user.username);
      if (problems.length > 0) throw new InvalidInputError(problems);
      const { user, session } = viewer;
      if (!(await passwords.verify(await store.passwordHash(user.id), current)))
        throw new InvalidCredentialsError();
      const passwordHash = await passwords.hash(next);
      return log.write(async (tx, append) => {
        await sessions.takeTurns(tx, user.id);
        await store.setPasswordHash(user.id, passwordHash, new Date(clock.now()));
        const token = await sessions.rotate(session);
        const others = (await sessions.going(user.id)).filter(({ id }) => id !== session.id);
        const ended = await sessions.end(
          user.id,
          others.map(({ id }) => id),
        );
        if (ended.length > 0) await append(ended);
        return { token, ended: ended.length };
      });
    },
  };
}
