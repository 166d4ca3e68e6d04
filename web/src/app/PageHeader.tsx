import { A } from "@solidjs/router";
import { Show } from "solid-js";
import type { JSX } from "solid-js";
import { Icon } from "../design/Icon.tsx";
import styles from "./PageHeader.module.css";

export interface PageHeaderProps {
  title: string;
  detail?: JSX.Element;
  /** Buttons at the end of the bar. */
  children?: JSX.Element;
}

/** The bar at the top of a page. On phones it links back to the room list. */
export function PageHeader(props: PageHeaderProps): JSX.Element {
  return (
    <header class={styles.header}>
      <A class={styles.back} href="/" aria-label="Back to your rooms">
        <Icon name="back" />
      </A>
      <div class={styles.text}>
        <h1 class={styles.title}>{props.title}</h1>
        <Show when={props.detail}>
          <p class={styles.detail}>{props.detail}</p>
        </Show>
      </div>
      <div class={styles.actions}>{props.children}</div>
    </header>
  );
}
