import { Show, splitProps } from "solid-js";
import type { JSX } from "solid-js";
import { Icon } from "./Icon.tsx";
import type { IconName } from "./Icon.tsx";
import { Spinner } from "./Spinner.tsx";
import styles from "./Button.module.css";

export interface ButtonProps extends JSX.ButtonHTMLAttributes<HTMLButtonElement> {
  variant?: "primary" | "secondary" | "quiet" | "danger";
  size?: "sm" | "md";
  icon?: IconName;
  /** Shows a spinner and ignores presses. The button keeps its label and its focus. */
  busy?: boolean;
  wide?: boolean;
}

export function Button(props: ButtonProps): JSX.Element {
  const [own, rest] = splitProps(props, [
    "variant",
    "size",
    "icon",
    "busy",
    "wide",
    "class",
    "children",
    "onClick",
  ]);
  const press: JSX.EventHandler<HTMLButtonElement, MouseEvent> = (event) => {
    if (own.busy) {
      // A disabled button would lose the focus. A busy button must not submit its form.
      event.preventDefault();
      return;
    }
    if (typeof own.onClick === "function") own.onClick(event);
  };
  return (
    <button
      type="button"
      {...rest}
      class={[
        styles.button,
        styles[own.variant ?? "secondary"],
        own.size === "sm" ? styles.sm : "",
        own.wide ? styles.wide : "",
        own.class ?? "",
      ].join(" ")}
      aria-busy={own.busy ? "true" : undefined}
      onClick={press}
    >
      <Show when={!own.busy} fallback={<Spinner size={16} />}>
        <Show when={own.icon}>{(name) => <Icon name={name()} size={18} />}</Show>
      </Show>
      <span>{own.children}</span>
    </button>
  );
}

export interface IconButtonProps extends JSX.ButtonHTMLAttributes<HTMLButtonElement> {
  icon: IconName;
  /** The accessible name and tooltip. */
  label: string;
  size?: number;
}

/** A button with only an icon. At least 40 px wide and high, for touch. */
export function IconButton(props: IconButtonProps): JSX.Element {
  const [own, rest] = splitProps(props, ["icon", "label", "class", "size"]);
  return (
    <button
      type="button"
      {...rest}
      class={`${styles.iconButton} ${own.class ?? ""}`}
      aria-label={own.label}
      title={own.label}
    >
      <Icon name={own.icon} size={own.size ?? 20} />
    </button>
  );
}
