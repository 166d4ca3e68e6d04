import type { JSX } from "solid-js";
import { avatarColour, initials } from "./avatar-colour.ts";
import styles from "./Avatar.module.css";

export interface AvatarProps {
  /** Determines the colour. It stays the same when the name changes. */
  seed: string;
  name: string;
  size?: "sm" | "md" | "lg";
  /** Users are round; rooms are rounded squares. */
  shape?: "person" | "room";
}

/** Initials on a coloured background. Decorative: the name is always next to it. */
export function Avatar(props: AvatarProps): JSX.Element {
  return (
    <span
      class={styles.avatar}
      classList={{
        [String(styles.sm)]: props.size === "sm",
        [String(styles.lg)]: props.size === "lg",
        [String(styles.room)]: props.shape === "room",
      }}
      style={{ "background-color": `var(--avatar-${avatarColour(props.seed)})` }}
      aria-hidden="true"
    >
      {initials(props.name)}
    </span>
  );
}
