import { Dialog as Kobalte } from "@kobalte/core/dialog";
import { Show } from "solid-js";
import type { JSX } from "solid-js";
import { IconButton } from "./Button.tsx";
import { makeFocusReturn } from "./focus-return.ts";
import styles from "./Dialog.module.css";

export interface DialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  description?: string;
  /** Hides the title visually but not from screen readers. */
  bare?: boolean;
  children: JSX.Element;
}

/**
 * A modal dialog: traps the focus, closes on Escape or an outside press, then restores the focus.
 */
export function Dialog(props: DialogProps): JSX.Element {
  const focus = makeFocusReturn();
  return (
    <Kobalte open={props.open} onOpenChange={props.onOpenChange} preventScroll={false}>
      <Kobalte.Portal>
        <Kobalte.Overlay class={styles.overlay} />
        <div class={styles.place} classList={{ [String(styles.high)]: props.bare }}>
          <Kobalte.Content
            class={styles.content}
            onOpenAutoFocus={focus.enter}
            onCloseAutoFocus={focus.leave}
          >
            <header class={props.bare ? "visually-hidden" : styles.header}>
              <Kobalte.Title class={styles.title}>{props.title}</Kobalte.Title>
              <Show when={!props.bare}>
                <Kobalte.CloseButton as={IconButton} icon="close" label="Close" />
              </Show>
            </header>
            <Show when={props.description}>
              <Kobalte.Description class={styles.description}>
                {props.description}
              </Kobalte.Description>
            </Show>
            {props.children}
          </Kobalte.Content>
        </div>
      </Kobalte.Portal>
    </Kobalte>
  );
}

export function DialogActions(props: { children: JSX.Element }): JSX.Element {
  return <div class={styles.actions}>{props.children}</div>;
}
