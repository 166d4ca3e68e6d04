import type { JSX } from "solid-js";
import { avatarColour, initials } from "./avatar-colour.ts";
import styles from "./Avatar.module.css";

export interface AvatarProps {
  /** What the colour follows: stays the same when the name changes. */
  seed: string;
  name: string;
  size?: "sm" | "md" | "lg";
  /** People are round, rooms are squares with soft corners. */
  shape?: "person" | "room";
}

/** Initials on a colour of their own. Decorative: the name always stands beside it. */
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
