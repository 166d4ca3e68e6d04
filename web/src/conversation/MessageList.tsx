import { For, Show, createEffect, createSignal, on, onCleanup, onMount } from "solid-js";
import type { JSX } from "solid-js";
import { createStore, reconcile } from "solid-js/store";
import { Icon } from "../design/Icon.tsx";
import { Spinner } from "../design/Spinner.tsx";
import { RowView } from "./RowView.tsx";
import { countNewMessages, newestSeq } from "./rows.ts";
import type { Row } from "./rows.ts";
import { firstVisible } from "./first-visible.ts";
import { makeScrollKeeper } from "./scroll-keeper.ts";
import type { ScrollKeeper } from "./scroll-keeper.ts";
import styles from "./MessageList.module.css";

/** Distance from the top, in pixels, below which the next older page loads. */
const PREFETCH_DISTANCE = 900;

export interface MessageListProps {
  rows: readonly Row[];
  hasOlder: boolean;
  loadingOlder: boolean;
  olderProblem: string | undefined;
  onOlder: () => void;
  /** Called when the newest message enters or leaves the view. */
  onPinned: (pinned: boolean) => void;
  onRetry: (key: string) => void;
  onDiscard: (key: string) => void;
  /** Receives a handle that scrolls to the newest message. */
  ref: (list: { toBottom: () => void }) => void;
}

/** The message list. It grows at both ends without losing the reader's place. */
export function MessageList(props: MessageListProps): JSX.Element {
  const [shown, setShown] = createStore<{ rows: Row[] }>({ rows: [] });
  const [pinned, setPinned] = createSignal(true);
  const [seenSeq, setSeenSeq] = createSignal(0);
  const newCount = (): number => (pinned() ? 0 : countNewMessages(props.rows, seenSeq()));
  let box: HTMLDivElement | undefined;
  let content: HTMLDivElement | undefined;
  let keeper: ScrollKeeper | undefined;

  const loadOlderIfNear = (): void => {
    if (!box || box.clientHeight === 0 || props.loadingOlder) return;
    if (props.olderProblem !== undefined || !props.hasOlder) return;
    if (box.scrollTop < PREFETCH_DISTANCE) props.onOlder();
  };

  const pin = (next: boolean): void => {
    setSeenSeq(newestSeq(shown.rows));
    setPinned(next);
    props.onPinned(next);
  };

  onMount(() => {
    if (!box || !content) return;
    const scroller = box;
    const inner = content;
    keeper = makeScrollKeeper(scroller, () => firstVisible(scroller, inner), pin);
    props.ref({ toBottom: keeper.toBottom });
    const observer = new ResizeObserver(() => keeper?.resized());
    observer.observe(scroller);
    observer.observe(inner);
    onCleanup(() => observer.disconnect());

    createEffect(
      on(
        () => props.rows,
        // Solid applies changes inside an effect only when the effect ends. The scroll keeper needs
        // a change that reaches the DOM synchronously.
        (rows) => queueMicrotask(() => show(rows)),
      ),
    );
  });

  const show = (rows: readonly Row[]): void => {
    keeper?.around(() => setShown("rows", reconcile([...rows], { key: "key" })));
    scrollToUnread();
    loadOlderIfNear();
  };

  let started = false;
  /** Opens a room with unread messages at the first of them, unless it is already in view. */
  const scrollToUnread = (): void => {
    if (started || !box || shown.rows.length === 0) return;
    started = true;
    const line = box.querySelector<HTMLElement>('[data-key="unread"]');
    if (!line) return;
    const top = line.offsetTop - box.clientHeight * 0.2;
    if (top < box.scrollTop) box.scrollTop = top;
  };
  const onScroll = (): void => {
    keeper?.scrolled();
    loadOlderIfNear();
  };

  return (
    <div class={styles.frame}>
      <div
        class={styles.box}
        ref={(element) => (box = element)}
        onScroll={onScroll}
        role="log"
        aria-label="Messages"
        aria-live={props.loadingOlder ? "off" : "polite"}
        tabIndex={0}
      >
        <div class={styles.content} ref={(element) => (content = element)}>
          <div class={styles.top}>
            <Show when={props.loadingOlder}>
              <Spinner label="Loading older messages" size={18} />
            </Show>
            <Show when={props.olderProblem}>
              <button type="button" class={styles.again} onClick={() => props.onOlder()}>
                {props.olderProblem} Try again
              </button>
            </Show>
          </div>
          <For each={shown.rows}>
            {(row) => <RowView row={row} onRetry={props.onRetry} onDiscard={props.onDiscard} />}
          </For>
        </div>
      </div>
      <Show when={!pinned()}>
        <button type="button" class={styles.pill} onClick={() => keeper?.toBottom()}>
          <Show when={newCount() > 0} fallback="Jump to latest">
            {newCount() === 1 ? "1 new message" : `${newCount()} new messages`}
          </Show>
          <Icon name="down" size={16} />
        </button>
      </Show>
    </div>
  );
}
