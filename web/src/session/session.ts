import type { Client } from "@urql/core";
import { sentenceFor } from "../app/problem.ts";
import type { EntryQuery } from "../generated/graphql.ts";
import { ENTRY, LOG_OUT } from "./documents.ts";

export type ServerFacts = EntryQuery["server"];
export type Me = NonNullable<EntryQuery["viewer"]>["user"];

/** Who uses this tab, as far as it is known. */
export type SessionState =
  | { is: "unknown" }
  | { is: "unreachable"; problem: string }
  | { is: "out"; server: ServerFacts; notice: string | undefined }
  | { is: "in"; server: ServerFacts; me: Me; sessionId: string };

export interface SessionStore {
  state(): SessionState;
  /** Asks the server who is here. After signing up or logging in, and when the app starts. */
  load(): Promise<void>;
  /** Logs out on the server. On failure the person stays in. @returns a sentence on failure */
  logOut(): Promise<string | undefined>;
  /** The server ended the session: back to the door, with a word about why. */
  end(notice: string): void;
}

/**
 * The session of this tab. The credential itself is an HttpOnly cookie that no script can read.
 *
 * @param client asks the server
 * @param onChange called after every change of the state
 */
export function makeSession(
  client: Pick<Client, "query" | "mutation">,
  onChange: (state: SessionState) => void,
): SessionStore {
  let current: SessionState = { is: "unknown" };
  let loads = 0;
  let isLeaving = false;
  const change = (next: SessionState): void => {
    current = next;
    onChange(next);
  };
  const leave = (notice: string | undefined): void => {
    if (current.is === "in") change({ is: "out", server: current.server, notice });
  };
  return {
    state: () => current,
    load: async () => {
      loads += 1;
      const turn = loads;
      const result = await client.query(ENTRY, {}).toPromise();
      // Only the newest question counts: an older answer may be from before the log-in.
      if (turn !== loads) return;
      const data = result.data;
      if (!data) {
        if (current.is !== "in") change({ is: "unreachable", problem: sentenceFor(result.error) });
        return;
      }
      const { server, viewer } = data;
      if (viewer) change({ is: "in", server, me: viewer.user, sessionId: viewer.session.id });
      else change({ is: "out", server, notice: undefined });
    },
    logOut: async () => {
      isLeaving = true;
      const result = await client.mutation(LOG_OUT, {}).toPromise();
      isLeaving = false;
      if (!result.data) return sentenceFor(result.error);
      leave(undefined);
      return undefined;
    },
    // The socket may hear of the end before the answer is there: to whoever asked for it, it is no news.
    end: (notice) => {
      leave(isLeaving ? undefined : notice);
    },
  };
}
