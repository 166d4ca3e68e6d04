import type { JSX } from "solid-js";
import styles from "./Spinner.module.css";

/** Turns while something is awaited. With a label it is announced; without, it is decoration. */
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
