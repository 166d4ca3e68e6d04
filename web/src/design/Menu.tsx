import { DropdownMenu } from "@kobalte/core/dropdown-menu";
import { For, Show, createContext, useContext } from "solid-js";
import type { JSX } from "solid-js";
import { Icon } from "./Icon.tsx";
import type { IconName } from "./Icon.tsx";
import styles from "./Menu.module.css";

export interface MenuProps {
  /** The button that opens the menu: a `<MenuTrigger>`. */
  trigger: JSX.Element;
  placement?: "bottom-end" | "bottom-start" | "top-start";
  children: JSX.Element;
}

/**
 * Runs a callback after the menu returned the focus to its button, so that a dialog opened by it
 * can return the focus there.
 */
const AfterCloseContext = createContext<(run: () => void) => void>((run) => run());

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
          <AfterCloseContext.Provider value={(run) => (waiting = run)}>
            {props.children}
          </AfterCloseContext.Provider>
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

export function MenuItem(props: MenuItemProps): JSX.Element {
  const later = useContext(AfterCloseContext);
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

/** A choice between a few options in one row. The menu stays open to show the effect. */
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

export function MenuLine(): JSX.Element {
  return <DropdownMenu.Separator class={styles.line} />;
}
