import { Match, Suspense, Switch, lazy } from "solid-js";
import type { JSX } from "solid-js";
import { SessionProvider, useSession } from "../session/context.tsx";
import type { SessionState } from "../session/session.ts";
import { Splash } from "./Splash.tsx";

// Split so that each state loads only its own code.
const SignedOut = lazy(async () => ({
  default: (await import("../auth/SignedOut.tsx")).SignedOut,
}));
const SignedIn = lazy(async () => ({ default: (await import("./SignedIn.tsx")).SignedIn }));

/** The root component: shows the signed-in app, or the sign-in page. */
export function App(): JSX.Element {
  return (
    <SessionProvider>
      <Suspense fallback={<Splash />}>
        <SessionSwitch />
      </Suspense>
    </SessionProvider>
  );
}

function SessionSwitch(): JSX.Element {
  const session = useSession();
  const when = <K extends SessionState["kind"]>(
    kind: K,
  ): Extract<SessionState, { kind: K }> | false => {
    const state = session.state();
    return isKind(state, kind) ? state : false;
  };
  return (
    <Switch fallback={<Splash />}>
      <Match when={when("signedIn")}>{(state) => <SignedIn {...state()} />}</Match>
      <Match when={when("signedOut")}>
        {(state) => <SignedOut server={state().server} notice={state().notice} />}
      </Match>
      <Match when={when("unreachable")}>
        {(state) => <Splash problem={state().problem} onRetry={() => void session.load()} />}
      </Match>
    </Switch>
  );
}

function isKind<K extends SessionState["kind"]>(
  state: SessionState,
  kind: K,
): state is Extract<SessionState, { kind: K }> {
  return state.kind === kind;
}
