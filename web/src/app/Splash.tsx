import { Show } from "solid-js";
import type { JSX } from "solid-js";
import { BrandMark } from "../design/Brand.tsx";
import styles from "./Splash.module.css";

export interface SplashProps {
  /** The reason why the app cannot start. Without it, the app is loading. */
  problem?: string;
  onRetry?: () => void;
}

/**
 * The first screen, until the session is known. Imports no component library, so that it appears
 * fast.
 */
export function Splash(props: SplashProps): JSX.Element {
  return (
    <main class={styles.splash}>
      <BrandMark size={44} />
      <Show
        when={props.problem}
        fallback={
          <span class="visually-hidden" role="status">
            Loading
          </span>
        }
      >
        <p role="alert">{props.problem}</p>
        <button type="button" class={styles.retry} onClick={() => props.onRetry?.()}>
          Try again
        </button>
      </Show>
    </main>
  );
}
