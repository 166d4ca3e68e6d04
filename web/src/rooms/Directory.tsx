import { createSignal, createEffect, on, onCleanup, For, Show } from "solid-js";
import type { JSX } from "solid-js";
import { PageHeader } from "../app/PageHeader.tsx";
import { usePageTitle } from "../app/page-title.tsx";
import { useShell } from "../app/shell-context.ts";
import { Button } from "../design/Button.tsx";
import { Empty } from "../design/Empty.tsx";
import { Icon } from "../design/Icon.tsx";
import { Spinner } from "../design/Spinner.tsx";
import { createDirectory } from "./directory.ts";
import { DirectoryRow } from "./DirectoryRow.tsx";
import styles from "./Directory.module.css";

const TYPING_PAUSE_MS = 180;

export function Directory(): JSX.Element {
  usePageTitle(() => "All rooms");
  const shell = useShell();
  const [typed, setTyped] = createSignal("");
  const [search, setSearch] = createSignal("");
  const directory = createDirectory(search);

  createEffect(
    on(
      typed,
      (text) => {
        const timer = setTimeout(() => setSearch(text.trim()), TYPING_PAUSE_MS);
        onCleanup(() => clearTimeout(timer));
      },
      { defer: true },
    ),
  );

  return (
    <div class={styles.page}>
      <PageHeader title="All rooms">
        <Button icon="plus" size="sm" onClick={() => shell.createRoom()}>
          New room
        </Button>
      </PageHeader>
      <div class={styles.scroll}>
        <div class={styles.column}>
          <label class={styles.search}>
            <Icon name="search" size={18} />
            <span class="visually-hidden">Search rooms</span>
            <input
              type="search"
              placeholder="Search by name or topic"
              value={typed()}
              onInput={(event) => setTyped(event.currentTarget.value)}
              autocomplete="off"
              spellcheck={false}
            />
          </label>
          <p class="visually-hidden" role="status">
            {directory.loading() ? "" : `${directory.rooms.length} rooms found`}
          </p>
          <Show when={directory.problem()}>
            {(problem) => (
              <Empty title="Couldn't load rooms" text={problem()}>
                <Button icon="retry" onClick={() => directory.retry()}>
                  Try again
                </Button>
              </Empty>
            )}
          </Show>
          <ul class={styles.list}>
            <For each={directory.rooms}>{(room) => <DirectoryRow room={room} />}</For>
          </ul>
          <Show when={directory.loading()}>
            <div class={styles.more}>
              <Spinner label="Loading rooms" />
            </div>
          </Show>
          <Show when={!directory.loading() && directory.hasMore()}>
            <div class={styles.more}>
              <Button onClick={() => directory.more()}>Show more rooms</Button>
            </div>
          </Show>
          <Show when={!directory.loading() && !directory.problem() && directory.rooms.length === 0}>
            <Empty
              title={search() === "" ? "No rooms yet" : `No rooms match “${search()}”`}
              text="Create one, and others can find it here."
            >
              <Button variant="primary" icon="plus" onClick={() => shell.createRoom()}>
                New room
              </Button>
            </Empty>
          </Show>
        </div>
      </div>
    </div>
  );
}
