import { Dialog as Kobalte } from "@kobalte/core/dialog";
import { For, Show, createSignal, onCleanup } from "solid-js";
import type { JSX } from "solid-js";
import { Avatar } from "../design/Avatar.tsx";
import { Tag } from "../design/Badge.tsx";
import { Button, IconButton } from "../design/Button.tsx";
import { makeFocusReturn } from "../design/focus-return.ts";
import { Spinner } from "../design/Spinner.tsx";
import { createMembers } from "./create-members.ts";
import styles from "./MembersPanel.module.css";

export interface MembersPanelProps {
  roomId: string;
  count: number;
  onClose: () => void;
}

/** The member list: a side panel on wide screens, otherwise a drawer. */
export function MembersPanel(props: MembersPanelProps): JSX.Element {
  const focus = makeFocusReturn();
  const wide = matchMedia("(min-width: 1150px)");
  const [isSidePanel, setSidePanel] = createSignal(wide.matches);
  const updateLayout = (): void => {
    setSidePanel(wide.matches);
  };
  wide.addEventListener("change", updateLayout);
  onCleanup(() => wide.removeEventListener("change", updateLayout));
  return (
    <Show
      when={isSidePanel()}
      fallback={
        <Kobalte open onOpenChange={(open) => open || props.onClose()} preventScroll={false}>
          <Kobalte.Portal>
            <Kobalte.Overlay class={styles.overlay} />
            <Kobalte.Content
              class={styles.drawer}
              onOpenAutoFocus={focus.enter}
              onCloseAutoFocus={focus.leave}
            >
              <header class={styles.header}>
                <Kobalte.Title class={styles.title}>
                  Members <span class={styles.count}>{props.count}</span>
                </Kobalte.Title>
                <Kobalte.CloseButton as={IconButton} icon="close" label="Close" />
              </header>
              <MemberList roomId={props.roomId} />
            </Kobalte.Content>
          </Kobalte.Portal>
        </Kobalte>
      }
    >
      <aside class={styles.panel} aria-label="Members">
        <header class={styles.header}>
          <h2 class={styles.title}>
            Members <span class={styles.count}>{props.count}</span>
          </h2>
          <IconButton icon="close" label="Close members" onClick={() => props.onClose()} />
        </header>
        <MemberList roomId={props.roomId} />
      </aside>
    </Show>
  );
}

function MemberList(props: { roomId: string }): JSX.Element {
  // eslint-disable-next-line solid/reactivity -- another room creates another panel
  const state = createMembers(props.roomId);
  return (
    <div class={styles.scroll} role="group" aria-label="Room members" tabIndex={0}>
      <ul>
        <For each={state.members()}>
          {(member) => (
            <li class={styles.member}>
              <Avatar seed={member.user.username} name={member.user.displayName} size="sm" />
              <span class={styles.name} title={`@${member.user.username}`}>
                {member.user.displayName}
              </span>
              <Show when={member.role !== "MEMBER"}>
                <Tag>{member.role === "OWNER" ? "Owner" : "Moderator"}</Tag>
              </Show>
            </li>
          )}
        </For>
      </ul>
      <Show when={state.loading()}>
        <div class={styles.more}>
          <Spinner label="Loading members" />
        </div>
      </Show>
      <Show when={state.problem()}>
        {(problem) => (
          <div class={styles.more}>
            <p role="alert">{problem()}</p>
            <Button size="sm" onClick={() => state.retry()}>
              Try again
            </Button>
          </div>
        )}
      </Show>
      <Show when={state.hasMore() && !state.loading()}>
        <div class={styles.more}>
          <Button size="sm" onClick={() => state.more()}>
            Show more
          </Button>
        </div>
      </Show>
    </div>
  );
}
