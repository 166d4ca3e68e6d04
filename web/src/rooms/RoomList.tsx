import { For, Show } from "solid-js";
import type { JSX } from "solid-js";
import { useShell } from "../app/shell-context.ts";
import { Avatar } from "../design/Avatar.tsx";
import { UnreadBadge } from "../design/Badge.tsx";
import { shortTime } from "../design/time.ts";
import { useOwnRooms } from "./context.tsx";
import type { OwnRoom } from "./own-rooms.ts";
import { roomPath } from "./slug.ts";
import styles from "./RoomList.module.css";

export function RoomList(): JSX.Element {
  const own = useOwnRooms();
  return (
    <nav class={styles.nav} aria-label="Your rooms">
      <Show when={own.loaded()} fallback={<Loading />}>
        <ul class={styles.list}>
          <For
            each={own.rooms}
            fallback={<li class={styles.none}>No rooms yet. Find one below.</li>}
          >
            {(room) => (
              <li>
                <RoomLink room={room} />
              </li>
            )}
          </For>
        </ul>
      </Show>
    </nav>
  );
}

function RoomLink(props: { room: OwnRoom }): JSX.Element {
  const shell = useShell();
  const active = (): boolean => shell.path() === roomPath(props.room.slug);
  return (
    <a
      href={roomPath(props.room.slug)}
      class={styles.room}
      classList={{
        [String(styles.active)]: active(),
        [String(styles.unread)]: props.room.unread > 0,
      }}
      aria-current={active() ? "page" : undefined}
    >
      <Avatar seed={props.room.id} name={props.room.name} shape="room" />
      <span class={styles.text}>
        <span class={styles.first}>
          <span class={styles.name}>{props.room.name}</span>
          <span class={styles.time} aria-hidden="true">
            {props.room.lastMessage ? shortTime(props.room.lastMessage.createdAt, Date.now()) : ""}
          </span>
        </span>
        <span class={styles.second}>
          <span class={styles.preview} aria-hidden="true">
            {preview(props.room)}
          </span>
          <UnreadBadge count={props.room.unread} />
        </span>
      </span>
    </a>
  );
}

function preview(room: OwnRoom): string {
  const last = room.lastMessage;
  if (!last) return room.topic ?? "No messages yet";
  const body = last.body.replace(/\s+/gu, " ");
  return last.author === undefined ? body : `${last.own ? "You" : last.author}: ${body}`;
}

/** Placeholders while the rooms load. */
function Loading(): JSX.Element {
  return (
    <div class={styles.list} role="status" aria-label="Loading your rooms">
      <For each={[0, 1, 2, 3]}>{() => <div class={styles.ghost} />}</For>
    </div>
  );
}
