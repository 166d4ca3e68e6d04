import { Show, createEffect, createSignal, on, onMount } from "solid-js";
import type { JSX } from "solid-js";
import { Icon } from "../design/Icon.tsx";
import type { Drafts } from "./drafts.ts";
import { isSendKey } from "./send-key.ts";
import styles from "./Composer.module.css";

/** Shows the remaining characters below this number. */
const WARN_AT = 200;

const PLACEHOLDER_LENGTH = 32;

export interface ComposerProps {
  conversationId: string;
  roomName: string;
  /** Maximum message length, in UTF-16 code units. */
  limit: number;
  drafts: Drafts;
  onSend: (body: string) => void;
}

/** The message input. Enter sends; Shift+Enter inserts a line break. */
export function Composer(props: ComposerProps): JSX.Element {
  const [text, setText] = createSignal("");
  const left = (): number => props.limit - text().trim().length;
  const sendable = (): boolean => text().trim() !== "" && left() >= 0;
  // On-screen keyboards have no Shift+Enter, so Enter inserts a line break there.
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
    // On phones, focus opens the keyboard, which would cover the messages.
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
    if (!isSendKey(event, touch.matches)) return;
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
          placeholder={shortened(`Message ${props.roomName}`)}
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
          // Keeps the focus in the field; otherwise the phone's keyboard would close.
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
          {left() < 0 ? `${-left()} characters over the limit` : `${left()} characters left`}
        </Show>
      </p>
    </form>
  );
}

/**
 * Shortens the placeholder to one line on phones. The field grows with its content, placeholder
 * included.
 */
function shortened(text: string): string {
  return text.length <= PLACEHOLDER_LENGTH
    ? text
    : `${text.slice(0, PLACEHOLDER_LENGTH - 1).trimEnd()}…`;
}
