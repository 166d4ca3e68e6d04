import { Match, Suspense, Switch, lazy } from "solid-js";
import type { JSX } from "solid-js";
import { SessionProvider, useSession } from "../session/context.tsx";
import type { SessionState } from "../session/session.ts";
import { Splash } from "./Splash.tsx";

// Whoever stands at the door needs nothing of what is behind it, and the other way round.
const AuthPage = lazy(async () => ({ default: (await import("../auth/AuthPage.tsx")).AuthPage }));
const Inside = lazy(async () => ({ default: (await import("./Inside.tsx")).Inside }));

/** The whole app: the door, or what is behind it. */
export function App(): JSX.Element {
  return (
    <SessionProvider>
      <Suspense fallback={<Splash />}>
        <Gate />
      </Suspense>
    </SessionProvider>
  );
}

function Gate(): JSX.Element {
  const session = useSession();
  const when = <K extends SessionState["is"]>(is: K): Extract<SessionState, { is: K }> | false => {
    const state = session.state();
    return isState(state, is) ? state : false;
  };
  return (
    <Switch fallback={<Splash />}>
      <Match when={when("in")}>{(state) => <Inside {...state()} />}</Match>
      <Match when={when("out")}>
        {(state) => <AuthPage server={state().server} notice={state().notice} />}
      </Match>
      <Match when={when("unreachable")}>
        {(state) => <Splash problem={state().problem} onRetry={() => void session.load()} />}
      </Match>
    </Switch>
  );
}

function isState<K extends SessionState["is"]>(
  state: SessionState,
  is: K,
): state is Extract<SessionState, { is: K }> {
  return state.is === is;
}
