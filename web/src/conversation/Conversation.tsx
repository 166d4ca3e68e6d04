import { Show, createMemo, createSignal } from "solid-js";
import type { JSX } from "solid-js";
import { useOwnRooms } from "../rooms/context.tsx";
import { useSignedIn } from "../session/context.tsx";
import { Composer } from "./Composer.tsx";
import { createReadTracker } from "./create-read-tracker.ts";
import { makeDrafts } from "./drafts.ts";
import { JoinBar } from "./JoinBar.tsx";
import { MembersPanel } from "./MembersPanel.tsx";
import { MessageList } from "./MessageList.tsx";
import { useOutbox } from "./outbox-context.tsx";
import { RoomHeader } from "./RoomHeader.tsx";
import type { RoomInfo } from "./room-source.ts";
import type { RoomStore } from "./room-store.ts";
import { layOutRows } from "./rows.ts";
import { toMessageView } from "./message-view.ts";
import styles from "./Conversation.module.css";

export interface ConversationProps {
  info: RoomInfo;
  room: RoomStore;
}

export function Conversation(props: ConversationProps): JSX.Element {
  const signedIn = useSignedIn();
  const own = useOwnRooms();
  const { outbox } = useOutbox();
  const drafts = makeDrafts(sessionStorage, signedIn.me.id);
  const [members, setMembers] = createSignal(false);
  let list: { toBottom: () => void } | undefined;

  const listed = createMemo(() => own.get(props.info.id));
  const joined = (): boolean => listed() !== undefined || props.info.viewerMembership !== null;
  const memberCount = (): number => listed()?.memberCount ?? props.info.memberCount;

  const shown = createMemo(() =>
    props.room.entries().map((entry) => toMessageView(entry, signedIn.me)),
  );
  const readTracker = createReadTracker({
    roomId: () => props.info.id,
    member: joined,
    newest: () => props.room.newest(),
    // eslint-disable-next-line solid/reactivity -- the read mark when the page opened
    readSeq: props.info.viewerMembership?.lastReadSeq,
  });
  const rows = createMemo(() =>
    layOutRows({
      messages: shown(),
      dividerAfter: readTracker.dividerAfter(),
    }),
  );

  const send = (body: string): void => {
    readTracker.onSend();
    outbox.enqueue({ conversationId: props.info.id, body });
    list?.toBottom();
  };
  return (
    <>
      <RoomHeader
        info={props.info}
        memberCount={memberCount()}
        joined={joined()}
        membersShown={members()}
        onMembers={() => setMembers(!members())}
      />
      <div class={styles.body}>
        <div class={styles.talk}>
          <MessageList
            rows={rows()}
            hasOlder={props.room.hasOlder()}
            loadingOlder={props.room.older().loading}
            olderProblem={props.room.older().problem}
            onOlder={() => void props.room.loadOlder()}
            onPinned={readTracker.setPinned}
            onRetry={(key) => outbox.retry(key)}
            onDiscard={(key) => outbox.discard(key)}
            ref={(handle) => (list = handle)}
          />
          <Show when={shown().length === 0}>
            <p class={styles.silence}>No messages yet.{joined() ? " Say hello!" : ""}</p>
          </Show>
          <Show when={joined()} fallback={<JoinBar info={props.info} />}>
            <Composer
              conversationId={props.info.id}
              roomName={props.info.name}
              limit={signedIn.server.limits.messageLength}
              drafts={drafts}
              onSend={send}
            />
          </Show>
        </div>
        <Show when={members()}>
          <MembersPanel
            roomId={props.info.id}
            count={memberCount()}
            onClose={() => setMembers(false)}
          />
        </Show>
      </div>
    </>
  );
}
