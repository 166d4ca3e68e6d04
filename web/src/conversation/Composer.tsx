import { Show, createEffect, createSignal, on, onMount } from "solid-js";
import type { JSX } from "solid-js";
import { Icon } from "../design/Icon.tsx";
import type { Drafts } from "./drafts.ts";
import { sendsOn } from "./composing.ts";
import styles from "./Composer.module.css";

/** With fewer characters left than this, the writer is told. */
const WARN_AT = 200;

export interface ComposerProps {
  conversationId: string;
  roomName: string;
  /** The longest message that the server takes, in UTF-16 code units. */
  limit: number;
  drafts: Drafts;
  onSend: (body: string) => void;
}

/** Where a message is written. Enter sends, Shift and Enter makes a new line. */
export function Composer(props: ComposerProps): JSX.Element {
  const [text, setText] = createSignal("");
  const left = (): number => props.limit - text().trim().length;
  const sendable = (): boolean => text().trim() !== "" && left() >= 0;
  // Where the keyboard is on the screen, Enter is the only way to a new line.
  const touch = matchMedia("(hover: none) and (pointer: coarse)");
  let area: HTMLTextAreaElement | undefined;

  const grow = (): void => {
    if (!area) return;
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight}px`;
  };
  const write = (next: string): void => {
    setText(next);
    props.drafts.write(props.conversationId, next);
    grow();
  };
  createEffect(
    on(
      () => props.conversationId,
      (id) => {
        setText(props.drafts.read(id));
        queueMicrotask(grow);
      },
    ),
  );
  onMount(() => {
    // On a phone the keyboard would cover the messages that the person came to read.
    if (!touch.matches) area?.focus();
  });

  const send = (): void => {
    if (!sendable()) return;
    const body = text().trim();
    write("");
    props.onSend(body);
    area?.focus();
  };
  const press = (event: KeyboardEvent): void => {
    if (!sendsOn(event, touch.matches)) return;
    event.preventDefault();
    send();
  };

  return (
    <form
      class={styles.composer}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <div class={styles.box}>
        <textarea
          ref={(element) => (area = element)}
          class={styles.area}
          aria-label="Message"
          aria-describedby="composer-left"
          placeholder={`Write to ${props.roomName}`}
          rows={1}
          enterkeyhint={touch.matches ? "enter" : "send"}
          value={text()}
          onInput={(event) => write(event.currentTarget.value)}
          onKeyDown={press}
        />
        <button
          type="submit"
          class={styles.send}
          aria-label="Send"
          title="Send"
          disabled={!sendable()}
          // The keyboard of a phone closes when the field loses the focus.
          onPointerDown={(event) => event.preventDefault()}
        >
          <Icon name="send" />
        </button>
      </div>
      <p
        id="composer-left"
        class={styles.left}
        classList={{ [String(styles.over)]: left() < 0 }}
        role="status"
      >
        <Show when={left() < WARN_AT}>
          {left() < 0 ? `${-left()} characters too long` : `${left()} characters left`}
        </Show>
      </p>
    </form>
  );
}
