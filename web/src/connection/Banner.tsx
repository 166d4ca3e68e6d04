import { Match, Switch, createEffect, createSignal, onCleanup, onMount } from "solid-js";
import type { JSX } from "solid-js";
import { Spinner } from "../design/Spinner.tsx";
import { BANNER_DELAY_MS, bannerState } from "./banner-state.ts";
import { useLive } from "./context.tsx";
import styles from "./Banner.module.css";

/** Shows a lost connection, and nothing while connected. */
export function Banner(): JSX.Element {
  const live = useLive();
  const [online, setOnline] = createSignal(navigator.onLine);
  const [brokenSince, setBrokenSince] = createSignal<number | undefined>(Date.now());
  const [now, setNow] = createSignal(Date.now());

  const updateOnline = (): void => {
    setOnline(navigator.onLine);
  };
  onMount(() => {
    window.addEventListener("online", updateOnline);
    window.addEventListener("offline", updateOnline);
  });
  onCleanup(() => {
    window.removeEventListener("online", updateOnline);
    window.removeEventListener("offline", updateOnline);
  });
  createEffect(() => {
    if (live.status().state === "live") {
      setBrokenSince(undefined);
      return;
    }
    const since = Date.now();
    setBrokenSince((before) => before ?? since);
    const timer = setTimeout(() => setNow(Date.now()), BANNER_DELAY_MS);
    onCleanup(() => clearTimeout(timer));
  });

  const state = (): ReturnType<typeof bannerState> =>
    bannerState(live.status(), online(), now() - (brokenSince() ?? now()));
  return (
    <div role="status">
      <Switch>
        <Match when={state() === "offline"}>
          <p class={styles.banner}>You're offline. Messages will send later.</p>
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
