import type { Client } from "@urql/core";
import { Provider as UrqlProvider } from "@urql/solid";
import { createContext, createSignal, onCleanup, useContext } from "solid-js";
import type { Accessor, JSX } from "solid-js";
import { makeClient } from "../app/client.ts";
import { makeSession } from "./session.ts";
import type { Me, ServerFacts, SessionState, SessionStore } from "./session.ts";

export interface SessionHandle extends Omit<SessionStore, "state"> {
  state: Accessor<SessionState>;
}

/** The session for a part of the app that only people who are logged in reach. */
export interface Entered {
  client: Client;
  me: Me;
  server: ServerFacts;
  sessionId: string;
}

const SessionContext = createContext<SessionHandle>();
const EnteredContext = createContext<Entered>();

const ENDED = "This session has ended. Log in to go on where you were.";
const RETRY_MS = 4_000;

/** Holds the session and the urql client, and asks once who is here. */
export function SessionProvider(props: { children: JSX.Element }): JSX.Element {
  const [state, setState] = createSignal<SessionState>({ is: "unknown" });
  const client = makeClient(() => {
    session.end(ENDED);
  });
  const session = makeSession(client, (next) => setState(() => next));
  const handle: SessionHandle = {
    state,
    load: session.load,
    logOut: session.logOut,
    end: session.end,
  };

  const again = (): void => {
    if (state().is === "unreachable") void session.load();
  };
  const timer = setInterval(again, RETRY_MS);
  window.addEventListener("online", again);
  onCleanup(() => {
    clearInterval(timer);
    window.removeEventListener("online", again);
  });
  void session.load();

  return (
    <UrqlProvider value={client}>
      <SessionContext.Provider value={handle}>{props.children}</SessionContext.Provider>
    </UrqlProvider>
  );
}

/** The session of this tab, whatever its state. */
export function useSession(): SessionHandle {
  const handle = useContext(SessionContext);
  if (!handle) throw new Error("useSession needs a SessionProvider above it");
  return handle;
}

/** Makes the session of somebody who is logged in available below. */
export function EnteredProvider(props: { value: Entered; children: JSX.Element }): JSX.Element {
  return (
    // eslint-disable-next-line solid/reactivity -- the object stays; what may change in it are getters
    <EnteredContext.Provider value={props.value}>{props.children}</EnteredContext.Provider>
  );
}

/** Who is logged in, in a part of the app where that is certain. */
export function useEntered(): Entered {
  const entered = useContext(EnteredContext);
  if (!entered) throw new Error("useEntered needs an EnteredProvider above it");
  return entered;
}
