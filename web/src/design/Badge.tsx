import { Show } from "solid-js";
import type { JSX } from "solid-js";
import styles from "./Badge.module.css";

/** A count of unread messages; nothing at zero, "99+" above 99. */
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

/** A word in a frame, such as a role. */
export function Tag(props: { children: JSX.Element }): JSX.Element {
  return <span class={styles.tag}>{props.children}</span>;
}
