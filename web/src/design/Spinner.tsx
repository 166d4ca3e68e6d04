import type { JSX } from "solid-js";
import styles from "./Spinner.module.css";

/** A loading indicator. With a label, screen readers announce it; without, it is decorative. */
export function Spinner(props: { size?: number; label?: string }): JSX.Element {
  return (
    <span
      class={styles.spinner}
      role={props.label ? "status" : undefined}
      aria-label={props.label}
      aria-hidden={props.label ? undefined : "true"}
      style={{ width: `${props.size ?? 20}px`, height: `${props.size ?? 20}px` }}
    />
  );
}
