import { useNavigate } from "@solidjs/router";
import { Show, createSignal } from "solid-js";
import type { JSX } from "solid-js";
import { PageHeader } from "../app/PageHeader.tsx";
import { IconButton } from "../design/Button.tsx";
import { Confirm } from "../design/Confirm.tsx";
import { Icon } from "../design/Icon.tsx";
import { Menu, MenuItem, MenuTrigger } from "../design/Menu.tsx";
import { leaveRoom } from "../rooms/join.ts";
import { useSignedIn } from "../session/context.tsx";
import type { RoomInfo } from "./room-source.ts";
import styles from "./RoomHeader.module.css";

export interface RoomHeaderProps {
  info: RoomInfo;
  memberCount: number;
  joined: boolean;
  membersShown: boolean;
  onMembers: () => void;
}

export function RoomHeader(props: RoomHeaderProps): JSX.Element {
  const signedIn = useSignedIn();
  const navigate = useNavigate();
  const [confirming, setConfirming] = createSignal(false);
  const [busy, setBusy] = createSignal(false);
  const [problem, setProblem] = createSignal<string | undefined>();

  const leave = async (): Promise<void> => {
    setBusy(true);
    const refused = await leaveRoom(signedIn.client, props.info.id);
    setBusy(false);
    setProblem(refused);
    if (refused !== undefined) return;
    setConfirming(false);
    navigate("/");
  };
  return (
    <>
      <PageHeader title={props.info.name} detail={props.info.topic ?? undefined}>
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
                setConfirming(true);
              }}
            >
              Leave room
            </MenuItem>
          </Menu>
        </Show>
      </PageHeader>
      <Confirm
        open={confirming()}
        onOpenChange={setConfirming}
        title={`Leave ${props.info.name}?`}
        description="You won't get new messages from this room. You can rejoin any time."
        action="Leave"
        busy={busy()}
        problem={problem()}
        onConfirm={() => void leave()}
      />
    </>
  );
}
