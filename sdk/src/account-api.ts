import { SessionEndedError, UnauthenticatedError } from "./errors.ts";
import {
  ChangePasswordDocument,
  type ChangePasswordInput,
  LogInDocument,
  type LogInInput,
  type LogInMutation,
  LogOutDocument,
  RevokeSessionDocument,
  ServerDocument,
  SignUpDocument,
  type SignUpInput,
  ViewerDocument,
} from "./generated/graphql.ts";
import type { Execute } from "./http.ts";
import type { Connection } from "./realtime/connection.ts";
import { type Success, unwrap } from "./typed-result.ts";
import { idOf, type Ref, type Server, type Session, type User, type Viewer } from "./types.ts";

/** A new session. Start a stream at its `cursor` to receive all later events. */
export type LoggedIn = Success<LogInMutation["logIn"]>;

/** Accounts and sessions. These methods never retry. */
export interface AccountApi {
  /**
   * Creates an account, logs in and joins the lobby. The client switches to the new session.
   *
   * @throws InvalidInputError, UsernameTakenError, RateLimitedError, OverloadedError
   */
  signUp(input: SignUpInput): Promise<LoggedIn>;
  /**
   * Starts a session. The client switches to it.
   *
   * @throws InvalidCredentialsError, SessionActiveError, RateLimitedError, OverloadedError
   */
  logIn(input: LogInInput): Promise<LoggedIn>;
  /**
   * Ends the session and discards the token. Open streams reject with a `SessionEndedError`.
   *
   * @throws NotAuthenticatedError without a session
   */
  logOut(): Promise<void>;
  /**
   * Changes the password. The session continues with a new token; all other sessions end.
   *
   * @returns the number of other sessions that ended
   * @throws NotAuthenticatedError, InvalidInputError, InvalidCredentialsError, RateLimitedError,
   *   OverloadedError
   */
  changePassword(input: ChangePasswordInput): Promise<number>;
  /**
   * Ends one of the viewer's sessions on all server instances.
   *
   * @throws NotAuthenticatedError, NotFoundError, InvalidInputError
   */
  revokeSession(session: Ref): Promise<Session>;
  /**
   * The logged-in user, their unread counts and the current log position; null without a session.
   */
  viewer(): Promise<Viewer | null>;
  /**
   * The logged-in user.
   *
   * @throws UnauthenticatedError without a session
   */
  me(): Promise<User>;
  /** The server's name, version, limits and lobby. */
  server(): Promise<Server>;
}

interface AccountApiOptions {
  execute: Execute;
  connection: Connection;
  setToken: (token: string | undefined) => void;
}

export function makeAccountApi({ execute, connection, setToken }: AccountApiOptions): AccountApi {
  async function viewer(): Promise<Viewer | null> {
    return (await execute(ViewerDocument, {})).viewer;
  }

  return {
    async signUp(input) {
      const session = unwrap((await execute(SignUpDocument, { input })).signUp);
      setToken(session.token);
      return session;
    },
    async logIn(input) {
      const session = unwrap((await execute(LogInDocument, { input })).logIn);
      setToken(session.token);
      return session;
    },
    async logOut() {
      unwrap((await execute(LogOutDocument, {})).logOut);
      connection.end(new SessionEndedError("You logged out."));
      setToken(undefined);
    },
    async changePassword(input) {
      const changed = unwrap((await execute(ChangePasswordDocument, { input })).changePassword);
      setToken(changed.token);
      return changed.revokedSessions;
    },
    async revokeSession(session) {
      const input = { sessionId: idOf(session) };
      return unwrap((await execute(RevokeSessionDocument, { input })).revokeSession).session;
    },
    viewer,
    async me() {
      const found = await viewer();
      if (found !== null) return found.user;
      throw new UnauthenticatedError([
        { message: "You are not logged in.", extensions: { code: "UNAUTHENTICATED" } },
      ]);
    },
    async server() {
      return (await execute(ServerDocument, {})).server;
    },
  };
}
