import { For, Match, Show, Switch } from "solid-js";
import type { JSX } from "solid-js";
import { Avatar } from "../design/Avatar.tsx";
import { Icon } from "../design/Icon.tsx";
import { clock, fullTime } from "../design/time.ts";
import { autolink } from "./autolink.ts";
import type { MessageView } from "./rows.ts";
import styles from "./MessageItem.module.css";

export interface MessageItemProps {
  message: MessageView;
  /** Whether to show the author. Otherwise the message continues the group above. */
  head: boolean;
  onRetry: (key: string) => void;
  onDiscard: (key: string) => void;
}

/** One message. Its text is always a text node, never markup. */
export function MessageItem(props: MessageItemProps): JSX.Element {
  return (
    <article
      class={styles.message}
      classList={{
        [String(styles.head)]: props.head,
        [String(styles.sending)]: isUnsent(props.message),
        [String(styles.failed)]: props.message.state === "failed",
      }}
      data-key={props.message.key}
      aria-label={`${props.message.author.displayName}, ${clock(props.message.createdAt)}`}
    >
      <div class={styles.gutter}>
        <Show
          when={props.head}
          fallback={
            <time
              class={styles.sideTime}
              dateTime={props.message.createdAt}
              title={fullTime(props.message.createdAt)}
              aria-hidden="true"
            >
              {clock(props.message.createdAt)}
            </time>
          }
        >
          <Avatar seed={props.message.author.username} name={props.message.author.displayName} />
        </Show>
      </div>
      <div class={styles.content}>
        <Show when={props.head}>
          <div class={styles.byline}>
            <span class={styles.author} title={`@${props.message.author.username}`}>
              {props.message.author.displayName}
            </span>
            <Show when={props.message.own}>
              <span class={styles.you}>you</span>
            </Show>
            <time
              class={styles.time}
              dateTime={props.message.createdAt}
              title={fullTime(props.message.createdAt)}
            >
              {clock(props.message.createdAt)}
            </time>
          </div>
        </Show>
        <Show
          when={!props.message.deleted}
          fallback={<p class={styles.tombstone}>Message deleted</p>}
        >
          <Show when={props.message.body !== ""}>
            <Body text={props.message.body} edited={props.message.edited} />
          </Show>
          <Show when={props.message.files.length > 0}>
            <ul class={styles.files}>
              <For each={props.message.files}>
                {(file) => (
                  <li>
                    <a href={file.url} target="_blank" rel="noopener noreferrer">
                      <Icon name="file" size={15} />
                      {file.name}
                    </a>
                  </li>
                )}
              </For>
            </ul>
          </Show>
        </Show>
        <Switch>
          <Match when={props.message.state === "failed"}>
            <p class={styles.problem}>
              <Icon name="alert" size={15} />
              <span>{props.message.problem ?? "Couldn't send this message."}</span>
              <span class={styles.choices}>
                <button type="button" onClick={() => props.onRetry(props.message.key)}>
                  Retry
                </button>
                <button type="button" onClick={() => props.onDiscard(props.message.key)}>
                  Discard
                </button>
              </span>
            </p>
          </Match>
          <Match when={props.message.state === "waiting"}>
            <p class={styles.waiting}>
              <Icon name="clock" size={13} />
              Waiting to send
            </p>
          </Match>
          <Match when={props.message.state === "sending"}>
            <p class={styles.waiting}>
              <Icon name="clock" size={13} />
              Sending…
            </p>
          </Match>
        </Switch>
      </div>
    </article>
  );
}

function isUnsent(message: MessageView): boolean {
  return message.state === "sending" || message.state === "waiting";
}

function Body(props: { text: string; edited: boolean }): JSX.Element {
  return (
    <p class={styles.body}>
      <For each={autolink(props.text)}>
        {(piece) =>
          piece.kind === "link" ? (
            <a href={piece.href} target="_blank" rel="noopener noreferrer nofollow">
              {piece.text}
            </a>
          ) : (
            piece.text
          )
        }
      </For>
      <Show when={props.edited}>
        {" "}
        <span class={styles.edited}>(edited)</span>
      </Show>
    </p>
  );
}
