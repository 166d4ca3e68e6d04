import { A, useParams } from "@solidjs/router";
import { Match, Show, Switch, createMemo } from "solid-js";
import type { JSX } from "solid-js";
import { PageHeader } from "../app/PageHeader.tsx";
import { usePageTitle } from "../app/page-title.tsx";
import { Button } from "../design/Button.tsx";
import { Empty } from "../design/Empty.tsx";
import { Spinner } from "../design/Spinner.tsx";
import { Conversation } from "./Conversation.tsx";
import { createRoom } from "./create-room.ts";
import type { RoomFacts } from "./room-source.ts";
import styles from "./RoomPage.module.css";

/** `/r/:slug`: another room is another page, with nothing left over from the one before. */
export function RoomPage(): JSX.Element {
  const params = useParams();
  return (
    <Show when={params["slug"]} keyed>
      {(slug) => <OneRoom slug={slug} />}
    </Show>
  );
}

function OneRoom(props: { slug: string }): JSX.Element {
  // eslint-disable-next-line solid/reactivity -- the parent makes a new component for a new slug
  const room = createRoom(props.slug);
  const view = createMemo(() => room().view());
  const facts = (): RoomFacts | undefined => {
    const current = view();
    return current.is === "ready" ? current.facts : undefined;
  };
  const problem = (): string | undefined => {
    const current = view();
    return current.is === "problem" ? current.problem : undefined;
  };
  usePageTitle(() => facts()?.name);
  return (
    <div class={styles.page}>
      <Switch>
        <Match when={view().is === "loading"}>
          <PageHeader title="" />
          <div class={styles.waiting}>
            <Spinner label="Loading the room" />
          </div>
        </Match>
        <Match when={view().is === "missing"}>
          <PageHeader title="No such room" />
          <Empty title="There is no such room" text="It may have another name now, or be private.">
            <A href="/rooms">Browse all rooms</A>
          </Empty>
        </Match>
        <Match when={problem()}>
          {(text) => (
            <>
              <PageHeader title="Room" />
              <Empty title="The room did not come" text={text()}>
                <Button icon="retry" onClick={() => void room().load()}>
                  Try again
                </Button>
              </Empty>
            </>
          )}
        </Match>
        <Match when={facts()}>{(known) => <Conversation facts={known()} room={room()} />}</Match>
      </Switch>
    </div>
  );
}
