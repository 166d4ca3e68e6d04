import { A, useNavigate } from "@solidjs/router";
import { useClient } from "@urql/solid";
import { Show, createSignal } from "solid-js";
import type { JSX } from "solid-js";
import { Avatar } from "../design/Avatar.tsx";
import { Tag } from "../design/Badge.tsx";
import { Button } from "../design/Button.tsx";
import { useOwnRooms } from "./context.tsx";
import type { DirectoryRoom } from "./directory.ts";
import { joinRoom } from "./join.ts";
import { roomPath } from "./slug.ts";
import styles from "./Directory.module.css";

/** A room in the directory. Its name opens the room; the button joins it. */
export function DirectoryRow(props: { room: DirectoryRoom }): JSX.Element {
  const client = useClient();
  const navigate = useNavigate();
  const own = useOwnRooms();
  const [busy, setBusy] = createSignal(false);
  const [problem, setProblem] = createSignal<string | undefined>();

  const join = async (): Promise<void> => {
    setBusy(true);
    const refused = await joinRoom(client, props.room.id);
    setBusy(false);
    setProblem(refused);
    if (refused === undefined) navigate(roomPath(props.room.slug));
  };
  return (
    <li class={styles.row}>
      <Avatar seed={props.room.id} name={props.room.name} shape="room" />
      <div class={styles.text}>
        <A class={styles.name} href={roomPath(props.room.slug)}>
          {props.room.name}
        </A>
        <p class={styles.topic}>
          <span class={styles.count}>
            {props.room.memberCount === 1 ? "1 member" : `${props.room.memberCount} members`}
          </span>
          <Show when={props.room.topic}>{(topic) => <> · {topic()}</>}</Show>
        </p>
        <p role="alert" class={styles.problem}>
          {problem()}
        </p>
      </div>
      <Show when={!own.has(props.room.id)} fallback={<Tag>Joined</Tag>}>
        <Button
          class={styles.join}
          size="sm"
          busy={busy()}
          aria-label={`Join ${props.room.name}`}
          onClick={() => void join()}
        >
          Join
        </Button>
      </Show>
    </li>
  );
}
