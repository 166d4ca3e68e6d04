import { Show } from "solid-js";
import type { JSX } from "solid-js";
import { BrandMark } from "../design/Brand.tsx";
import styles from "./Splash.module.css";

export interface SplashProps {
  /** Why nothing else can be shown; without it the app is just starting. */
  problem?: string;
  onRetry?: () => void;
}

/** What is seen before it is known who is here. Kept free of the component library: it comes first. */
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
