import type { JSX } from "solid-js";
import styles from "./Brand.module.css";

/** Parley's logo: two overlapping speech bubbles. */
export function BrandMark(props: { size?: number }): JSX.Element {
  return (
    <svg
      class={styles.mark}
      width={props.size ?? 28}
      height={props.size ?? 28}
      viewBox="0 0 28 28"
      aria-hidden="true"
    >
      <path
        class={styles.second}
        d="M12.500 10h9A3.500 3.500 0 0 1 25 13.500v4.700a3.500 3.500 0 0 1-2 3.200v2.700c0 .8-1 1.200-1.500.600L18.700 21.700h-6.200A3.500 3.500 0 0 1 9 18.200v-4.700A3.500 3.500 0 0 1 12.500 10Z"
      />
      <path
        class={styles.first}
        d="M6.500 3h10A3.500 3.500 0 0 1 20 6.500v5.700a3.500 3.500 0 0 1-3.500 3.500h-6.200l-3.700 3.500c-.6.500-1.500.100-1.500-.700v-2.900A3.500 3.500 0 0 1 3 12.200V6.500A3.500 3.500 0 0 1 6.500 3Z"
      />
    </svg>
  );
}

export function Brand(): JSX.Element {
  return (
    <span class={styles.brand}>
      <BrandMark />
      <span class={styles.name}>Parley</span>
    </span>
  );
}
