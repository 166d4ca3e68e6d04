import { Match, Switch, createEffect, createSignal, onCleanup, onMount } from "solid-js";
import type { JSX } from "solid-js";
import { Spinner } from "../design/Spinner.tsx";
import { PATIENCE_MS, bannerState } from "./banner-state.ts";
import { useLive } from "./context.tsx";
import styles from "./Banner.module.css";

/** Says that the connection is away, and nothing while it is there. */
export function Banner(): JSX.Element {
  const live = useLive();
  const [online, setOnline] = createSignal(navigator.onLine);
  const [brokenSince, setBrokenSince] = createSignal<number | undefined>(Date.now());
  const [now, setNow] = createSignal(Date.now());

  const look = (): void => {
    setOnline(navigator.onLine);
  };
  onMount(() => {
    window.addEventListener("online", look);
    window.addEventListener("offline", look);
  });
  onCleanup(() => {
    window.removeEventListener("online", look);
    window.removeEventListener("offline", look);
  });
  createEffect(() => {
    if (live.status().state === "live") {
      setBrokenSince(undefined);
      return;
    }
    const since = Date.now();
    setBrokenSince((before) => before ?? since);
    const timer = setTimeout(() => setNow(Date.now()), PATIENCE_MS);
    onCleanup(() => clearTimeout(timer));
  });

  const state = (): ReturnType<typeof bannerState> =>
    bannerState(live.status(), online(), now() - (brokenSince() ?? now()));
  return (
    <div role="status">
      <Switch>
        <Match when={state() === "offline"}>
          <p class={styles.banner}>Offline – messages will be sent when you are back</p>
        </Match>
        <Match when={state() === "reconnecting"}>
          <p class={styles.banner}>
            <Spinner size={14} />
            Reconnecting…
            <button type="button" class={styles.now} onClick={() => live.reconnectNow()}>
              Try now
            </button>
          </p>
        </Match>
      </Switch>
    </div>
  );
}
