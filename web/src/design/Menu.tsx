import { DropdownMenu } from "@kobalte/core/dropdown-menu";
import { For, Show, createContext, useContext } from "solid-js";
import type { JSX } from "solid-js";
import { Icon } from "./Icon.tsx";
import type { IconName } from "./Icon.tsx";
import styles from "./Menu.module.css";

export interface MenuProps {
  /** The button that opens it: `<DropdownMenu.Trigger …>`. */
  trigger: JSX.Element;
  placement?: "bottom-end" | "bottom-start" | "top-start";
  children: JSX.Element;
}

/**
 * Does something once the menu has given the focus back to its button: a dialog that opens then
 * knows where to return it.
 */
const LaterContext = createContext<(run: () => void) => void>((run) => run());

/** A menu that opens from a button, with arrow keys and type-ahead. */
export function Menu(props: MenuProps): JSX.Element {
  let waiting: (() => void) | undefined;
  const closed = (): void => {
    const run = waiting;
    waiting = undefined;
    // The menu moves the focus after this handler.
    if (run) queueMicrotask(run);
  };
  return (
    <DropdownMenu placement={props.placement ?? "bottom-end"} gutter={6} modal={false}>
      {props.trigger}
      <DropdownMenu.Portal>
        <DropdownMenu.Content class={styles.menu} onCloseAutoFocus={closed}>
          <LaterContext.Provider value={(run) => (waiting = run)}>
            {props.children}
          </LaterContext.Provider>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu>
  );
}

export const MenuTrigger = DropdownMenu.Trigger;

export interface MenuItemProps {
  icon?: IconName;
  danger?: boolean;
  onSelect: () => void;
  children: JSX.Element;
}

/** One thing to do. */
export function MenuItem(props: MenuItemProps): JSX.Element {
  const later = useContext(LaterContext);
  return (
    <DropdownMenu.Item
      class={styles.item}
      classList={{ [String(styles.danger)]: props.danger }}
      onSelect={() => later(props.onSelect)}
    >
      <Show when={props.icon}>{(name) => <Icon name={name()} size={18} />}</Show>
      {props.children}
    </DropdownMenu.Item>
  );
}

export interface MenuChoiceProps<T extends string> {
  label: string;
  value: T;
  options: readonly { value: T; label: string }[];
  onChange: (value: T) => void;
}

/** One of a few, shown as a row of three; the menu stays open so that the effect can be seen. */
export function MenuChoice<T extends string>(props: MenuChoiceProps<T>): JSX.Element {
  const choose = (value: string): void => {
    const option = props.options.find((candidate) => candidate.value === value);
    if (option) props.onChange(option.value);
  };
  return (
    <DropdownMenu.Group>
      <DropdownMenu.GroupLabel class={styles.groupLabel}>{props.label}</DropdownMenu.GroupLabel>
      <DropdownMenu.RadioGroup class={styles.choice} value={props.value} onChange={choose}>
        <For each={props.options}>
          {(option) => (
            <DropdownMenu.RadioItem
              class={styles.option}
              value={option.value}
              closeOnSelect={false}
            >
              {option.label}
            </DropdownMenu.RadioItem>
          )}
        </For>
      </DropdownMenu.RadioGroup>
    </DropdownMenu.Group>
  );
}

/** A line between groups of a menu. */
export function MenuLine(): JSX.Element {
  return <DropdownMenu.Separator class={styles.line} />;
}
