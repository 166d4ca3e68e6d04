import { useNavigate } from "@solidjs/router";
import { Show, createSignal } from "solid-js";
import type { JSX } from "solid-js";
import { PageHeader } from "../app/PageHeader.tsx";
import { IconButton } from "../design/Button.tsx";
import { Confirm } from "../design/Confirm.tsx";
import { Icon } from "../design/Icon.tsx";
import { Menu, MenuItem, MenuTrigger } from "../design/Menu.tsx";
import { leaveRoom } from "../rooms/join.ts";
import { useEntered } from "../session/context.tsx";
import type { RoomFacts } from "./room-source.ts";
import styles from "./RoomHeader.module.css";

export interface RoomHeaderProps {
  facts: RoomFacts;
  memberCount: number;
  joined: boolean;
  membersShown: boolean;
  onMembers: () => void;
}

/** Which room this is, who is in it, and what can be done with it. */
export function RoomHeader(props: RoomHeaderProps): JSX.Element {
  const entered = useEntered();
  const navigate = useNavigate();
  const [asking, setAsking] = createSignal(false);
  const [busy, setBusy] = createSignal(false);
  const [problem, setProblem] = createSignal<string | undefined>();

  const leave = async (): Promise<void> => {
    setBusy(true);
    const refused = await leaveRoom(entered.client, props.facts.id);
    setBusy(false);
    setProblem(refused);
    if (refused !== undefined) return;
    setAsking(false);
    navigate("/");
  };
  return (
    <>
      <PageHeader title={props.facts.name} detail={props.facts.topic ?? undefined}>
        <button
          type="button"
          class={styles.members}
          aria-label={`Members: ${props.memberCount}`}
          aria-expanded={props.membersShown}
          title="Members"
          onClick={() => props.onMembers()}
        >
          <Icon name="people" />
          {props.memberCount}
        </button>
        <Show when={props.joined}>
          <Menu trigger={<MenuTrigger as={IconButton} icon="more" label="Room menu" />}>
            <MenuItem
              icon="leave"
              danger
              onSelect={() => {
                setProblem(undefined);
                setAsking(true);
              }}
            >
              Leave room
            </MenuItem>
          </Menu>
        </Show>
      </PageHeader>
      <Confirm
        open={asking()}
        onOpenChange={setAsking}
        title={`Leave ${props.facts.name}?`}
        description="You will get no more messages from it. You can join again whenever you like."
        action="Leave"
        busy={busy()}
        problem={problem()}
        onConfirm={() => void leave()}
      />
    </>
  );
}
