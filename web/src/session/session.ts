import type { Client } from "@urql/core";
import { describeError } from "../app/describe-error.ts";
import type { EntryQuery } from "../generated/graphql.ts";
import { ENTRY, LOG_OUT } from "./documents.ts";

export type ServerInfo = EntryQuery["server"];
export type Me = NonNullable<EntryQuery["viewer"]>["user"];

/** The notice to show when the server ended the session. */
export const SESSION_ENDED = "Your session ended. Log in again to continue.";

export type SessionState =
  | { kind: "unknown" }
  | { kind: "unreachable"; problem: string }
  | { kind: "signedOut"; server: ServerInfo; notice: string | undefined }
  | { kind: "signedIn"; server: ServerInfo; me: Me; sessionId: string };

export interface SessionStore {
  state(): SessionState;
  /** Loads the viewer from the server: at the start, after signing up and after logging in. */
  load(): Promise<void>;
  /**
   * Logs out on the server. On failure the user stays signed in. @returns the reason on failure
   */
  logOut(): Promise<string | undefined>;
  /** Handles the end of the session by the server: shows the sign-in page with the notice. */
  end(notice: string): void;
}

/**
 * Creates the session of this tab. The credential is an HttpOnly cookie, which scripts cannot read.
 *
 * @param client sends the requests
 * @param onChange called after every change of the state
 */
export function makeSession(
  client: Pick<Client, "query" | "mutation">,
  onChange: (state: SessionState) => void,
): SessionStore {
  let current: SessionState = { kind: "unknown" };
  let latestLoad = 0;
  let isLoggingOut = false;
  const change = (next: SessionState): void => {
    current = next;
    onChange(next);
  };
  const signOut = (notice: string | undefined): void => {
    if (current.kind === "signedIn") change({ kind: "signedOut", server: current.server, notice });
  };
  return {
    state: () => current,
    load: async () => {
      latestLoad += 1;
      const thisLoad = latestLoad;
      const result = await client.query(ENTRY, {}).toPromise();
      // Only the latest request counts: an earlier response may precede the login.
      if (thisLoad !== latestLoad) return;
      const data = result.data;
      if (!data) {
        if (current.kind !== "signedIn")
          change({ kind: "unreachable", problem: describeError(result.error) });
        return;
      }
      const { server, viewer } = data;
      if (viewer)
        change({ kind: "signedIn", server, me: viewer.user, sessionId: viewer.session.id });
      else change({ kind: "signedOut", server, notice: undefined });
    },
    logOut: async () => {
      isLoggingOut = true;
      const result = await client.mutation(LOG_OUT, {}).toPromise();
      isLoggingOut = false;
      if (!result.data) return describeError(result.error);
      signOut(undefined);
      return undefined;
    },
    // The stream may report the end before the response to a logout arrives. No notice then: the
    // user asked for it.
    end: (notice) => {
      signOut(isLoggingOut ? undefined : notice);
    },
  };
}
