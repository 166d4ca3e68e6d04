import { A } from "@solidjs/router";
import { Show } from "solid-js";
import type { JSX } from "solid-js";
import { Button } from "../design/Button.tsx";
import { useOwnRooms } from "../rooms/context.tsx";
import { roomPath } from "../rooms/slug.ts";
import { useSignedIn } from "../session/context.tsx";
import { useShell } from "./shell-context.ts";
import styles from "./Home.module.css";

/** The start page on wide screens. Phones show the room list instead. */
export function Home(): JSX.Element {
  const signedIn = useSignedIn();
  const own = useOwnRooms();
  const shell = useShell();
  return (
    <div class={styles.home}>
      <h1 class={styles.title}>{greeting(new Date().getHours(), signedIn.me.displayName)}</h1>
      <p class={styles.text}>{summary(own.unread(), own.unreadRooms())}</p>
      <div class={styles.actions}>
        <Show when={signedIn.server.lobby}>
          {(lobby) => (
            <A class={styles.lobby} href={roomPath(lobby().slug)}>
              Go to {lobby().name}
            </A>
          )}
        </Show>
        <Button icon="plus" onClick={() => shell.createRoom()}>
          New room
        </Button>
        <A class={styles.link} href="/rooms">
          Browse all rooms
        </A>
      </div>
      <p class={styles.tip}>
        Press <kbd>Ctrl</kbd> <kbd>K</kbd> to jump to any room.
      </p>
    </div>
  );
}

function greeting(hour: number, name: string): string {
  if (hour < 5) return `Still up, ${name}?`;
  if (hour < 12) return `Good morning, ${name}`;
  if (hour < 18) return `Good afternoon, ${name}`;
  return `Good evening, ${name}`;
}

function summary(messages: number, rooms: number): string {
  if (messages === 0) return "You're all caught up. Pick a room or start a new one.";
  const what = messages === 1 ? "1 unread message" : `${messages} unread messages`;
  return rooms === 1 ? `You have ${what}.` : `You have ${what} in ${rooms} rooms.`;
}
