import { Show } from "solid-js";
import type { JSX } from "solid-js";
import styles from "./Badge.module.css";

/** The number of unread messages: hidden at 0, "99+" above 99. */
export function UnreadBadge(props: { count: number }): JSX.Element {
  return (
    <Show when={props.count > 0}>
      <span class={styles.badge}>
        <span aria-hidden="true">{props.count > 99 ? "99+" : props.count}</span>
        <span class="visually-hidden">{`, ${props.count} unread`}</span>
      </span>
    </Show>
  );
}

/** A short outlined label, such as a role. */
export function Tag(props: { children: JSX.Element }): JSX.Element {
  return <span class={styles.tag}>{props.children}</span>;
}
