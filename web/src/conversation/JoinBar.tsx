import { useClient } from "@urql/solid";
import { createSignal } from "solid-js";
import type { JSX } from "solid-js";
import { Button } from "../design/Button.tsx";
import { useOwnRooms } from "../rooms/context.tsx";
import { joinRoom } from "../rooms/join.ts";
import type { RoomFacts } from "./room-source.ts";
import styles from "./JoinBar.module.css";

/** Stands where the composer would, for who is only looking in. */
export function JoinBar(props: { facts: RoomFacts }): JSX.Element {
  const client = useClient();
  const own = useOwnRooms();
  const [busy, setBusy] = createSignal(false);
  const [problem, setProblem] = createSignal<string | undefined>();

  const join = async (): Promise<void> => {
    const { id } = props.facts;
    setBusy(true);
    const refused = await joinRoom(client, id);
    setProblem(refused);
    if (refused === undefined) await own.refresh(id);
    setBusy(false);
  };
  return (
    <div class={styles.bar}>
      <p class={styles.text}>
        You are looking in. Join to write and to hear what is said.
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
