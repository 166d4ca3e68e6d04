import { Show, createMemo, createSignal } from "solid-js";
import type { JSX } from "solid-js";
import { useOwnRooms } from "../rooms/context.tsx";
import { useEntered } from "../session/context.tsx";
import { Composer } from "./Composer.tsx";
import { createReading } from "./create-reading.ts";
import { makeDrafts } from "./drafts.ts";
import { JoinBar } from "./JoinBar.tsx";
import { MembersPanel } from "./MembersPanel.tsx";
import { MessageList } from "./MessageList.tsx";
import { useOutbox } from "./outbox-context.tsx";
import { RoomHeader } from "./RoomHeader.tsx";
import type { RoomFacts } from "./room-source.ts";
import type { RoomStore } from "./room-store.ts";
import { layOutRows } from "./rows.ts";
import { shownMessage } from "./shown.ts";
import styles from "./Conversation.module.css";

export interface ConversationProps {
  facts: RoomFacts;
  room: RoomStore;
}

/** A room with its messages, and the means to take part in it or to join. */
export function Conversation(props: ConversationProps): JSX.Element {
  const entered = useEntered();
  const own = useOwnRooms();
  const { outbox } = useOutbox();
  const drafts = makeDrafts(sessionStorage, entered.me.id);
  const [members, setMembers] = createSignal(false);
  let list: { toBottom: () => void } | undefined;

  const listed = createMemo(() => own.get(props.facts.id));
  const joined = (): boolean => listed() !== undefined || props.facts.viewerMembership !== null;
  const memberCount = (): number => listed()?.memberCount ?? props.facts.memberCount;

  const shown = createMemo(() =>
    props.room.entries().map((entry) => shownMessage(entry, entered.me)),
  );
  const reading = createReading({
    roomId: () => props.facts.id,
    member: joined,
    newest: () => props.room.newest(),
    // eslint-disable-next-line solid/reactivity -- where the reader stood when the page opened
    readSeq: props.facts.viewerMembership?.lastReadSeq,
  });
  const rows = createMemo(() =>
    layOutRows({
      messages: shown(),
      dividerAfter: reading.dividerAfter(),
    }),
  );

  const send = (body: string): void => {
    reading.wrote();
    outbox.enqueue({ conversationId: props.facts.id, body });
    list?.toBottom();
  };
  return (
    <>
      <RoomHeader
        facts={props.facts}
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
            onPinned={reading.setPinned}
            onRetry={(key) => outbox.retry(key)}
            onDiscard={(key) => outbox.discard(key)}
            ref={(handle) => (list = handle)}
          />
          <Show when={shown().length === 0}>
            <p class={styles.silence}>Nobody has said anything yet.{joined() ? " Begin!" : ""}</p>
          </Show>
          <Show when={joined()} fallback={<JoinBar facts={props.facts} />}>
            <Composer
              conversationId={props.facts.id}
              roomName={props.facts.name}
              limit={entered.server.limits.messageLength}
              drafts={drafts}
              onSend={send}
            />
          </Show>
        </div>
        <Show when={members()}>
          <MembersPanel
            roomId={props.facts.id}
            count={memberCount()}
            onClose={() => setMembers(false)}
          />
        </Show>
      </div>
    </>
  );
}
