import { useClient } from "@urql/solid";
import { createSignal } from "solid-js";
import type { JSX } from "solid-js";
import { Button } from "../design/Button.tsx";
import { useOwnRooms } from "../rooms/context.tsx";
import { joinRoom } from "../rooms/join.ts";
import type { RoomInfo } from "./room-source.ts";
import styles from "./JoinBar.module.css";

/** Replaces the composer for viewers who have not joined. */
export function JoinBar(props: { info: RoomInfo }): JSX.Element {
  const client = useClient();
  const own = useOwnRooms();
  const [busy, setBusy] = createSignal(false);
  const [problem, setProblem] = createSignal<string | undefined>();

  const join = async (): Promise<void> => {
    const { id } = props.info;
    setBusy(true);
    const refused = await joinRoom(client, id);
    setProblem(refused);
    if (refused === undefined) await own.refresh(id);
    setBusy(false);
  };
  return (
    <div class={styles.bar}>
      <p class={styles.text}>
        You're previewing this room. Join to send messages and get updates.
        <span role="alert" class={styles.problem}>
          {problem()}
        </span>
      </p>
      <Button variant="primary" busy={busy()} onClick={() => void join()}>
        Join room
      </Button>
    </div>
  );
}
