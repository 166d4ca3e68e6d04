import { Show } from "solid-js";
import type { JSX } from "solid-js";
import styles from "./Empty.module.css";

export interface EmptyProps {
  title: string;
  text?: string;
  children?: JSX.Element;
}

export function Empty(props: EmptyProps): JSX.Element {
  return (
    <div class={styles.empty}>
      <h2 class={styles.title}>{props.title}</h2>
      <Show when={props.text}>
        <p class={styles.text}>{props.text}</p>
      </Show>
      <Show when={props.children}>
        <div class={styles.actions}>{props.children}</div>
      </Show>
    </div>
  );
}
