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
import type { RoomInfo } from "./room-source.ts";
import styles from "./RoomPage.module.css";

/** The page at `/r/:slug`. A new slug creates a new component, so no state carries over. */
export function RoomPage(): JSX.Element {
  const params = useParams();
  return (
    <Show when={params["slug"]} keyed>
      {(slug) => <OneRoom slug={slug} />}
    </Show>
  );
}

function OneRoom(props: { slug: string }): JSX.Element {
  // eslint-disable-next-line solid/reactivity -- a new slug creates a new component
  const room = createRoom(props.slug);
  const view = createMemo(() => room().view());
  const info = (): RoomInfo | undefined => {
    const current = view();
    return current.kind === "ready" ? current.info : undefined;
  };
  const problem = (): string | undefined => {
    const current = view();
    return current.kind === "problem" ? current.problem : undefined;
  };
  usePageTitle(() => info()?.name);
  return (
    <div class={styles.page}>
      <Switch>
        <Match when={view().kind === "loading"}>
          <PageHeader title="" />
          <div class={styles.waiting}>
            <Spinner label="Loading room" />
          </div>
        </Match>
        <Match when={view().kind === "missing"}>
          <PageHeader title="Room not found" />
          <Empty
            title="This room doesn't exist"
            text="It may have been renamed, or it may be private."
          >
            <A href="/rooms">Browse all rooms</A>
          </Empty>
        </Match>
        <Match when={problem()}>
          {(text) => (
            <>
              <PageHeader title="Room" />
              <Empty title="Couldn't load this room" text={text()}>
                <Button icon="retry" onClick={() => void room().load()}>
                  Try again
                </Button>
              </Empty>
            </>
          )}
        </Match>
        <Match when={info()}>{(known) => <Conversation info={known()} room={room()} />}</Match>
      </Switch>
    </div>
  );
}
