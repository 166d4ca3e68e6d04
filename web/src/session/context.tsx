import type { Client } from "@urql/core";
import { Provider as UrqlProvider } from "@urql/solid";
import { createContext, createSignal, onCleanup, useContext } from "solid-js";
import type { Accessor, JSX } from "solid-js";
import { makeClient } from "../app/client.ts";
import { makeSession, SESSION_ENDED } from "./session.ts";
import type { Me, ServerInfo, SessionState, SessionStore } from "./session.ts";

export interface SessionHandle extends Omit<SessionStore, "state"> {
  state: Accessor<SessionState>;
}

/** The session, for components that only render when signed in. */
export interface SignedInSession {
  client: Client;
  me: Me;
  server: ServerInfo;
  sessionId: string;
}

const SessionContext = createContext<SessionHandle>();
const SignedInContext = createContext<SignedInSession>();

const RETRY_MS = 4_000;

/** Provides the session and the urql client, and loads the session once. */
export function SessionProvider(props: { children: JSX.Element }): JSX.Element {
  const [state, setState] = createSignal<SessionState>({ kind: "unknown" });
  const client = makeClient(() => {
    session.end(SESSION_ENDED);
  });
  const session = makeSession(client, (next) => setState(() => next));
  const handle: SessionHandle = {
    state,
    load: session.load,
    logOut: session.logOut,
    end: session.end,
  };

  const retry = (): void => {
    if (state().kind === "unreachable") void session.load();
  };
  const timer = setInterval(retry, RETRY_MS);
  window.addEventListener("online", retry);
  onCleanup(() => {
    clearInterval(timer);
    window.removeEventListener("online", retry);
  });
  void session.load();

  return (
    <UrqlProvider value={client}>
      <SessionContext.Provider value={handle}>{props.children}</SessionContext.Provider>
    </UrqlProvider>
  );
}

/** The session of this tab, in any state. */
export function useSession(): SessionHandle {
  const handle = useContext(SessionContext);
  if (!handle) throw new Error("useSession needs a SessionProvider above it");
  return handle;
}

export function SignedInProvider(props: {
  value: SignedInSession;
  children: JSX.Element;
}): JSX.Element {
  return (
    // eslint-disable-next-line solid/reactivity -- the object is constant; its changing values are getters
    <SignedInContext.Provider value={props.value}>{props.children}</SignedInContext.Provider>
  );
}

/** The signed-in session. Call it only below a SignedInProvider. */
export function useSignedIn(): SignedInSession {
  const signedIn = useContext(SignedInContext);
  if (!signedIn) throw new Error("useSignedIn needs a SignedInProvider above it");
  return signedIn;
}
