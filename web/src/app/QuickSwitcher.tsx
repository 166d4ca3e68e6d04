import { useNavigate } from "@solidjs/router";
import { For, createEffect, createMemo, createSignal, createUniqueId, on } from "solid-js";
import type { JSX } from "solid-js";
import { Avatar } from "../design/Avatar.tsx";
import { UnreadBadge } from "../design/Badge.tsx";
import { Dialog } from "../design/Dialog.tsx";
import { Icon } from "../design/Icon.tsx";
import { useOwnRooms } from "../rooms/context.tsx";
import { createDirectory } from "../rooms/directory.ts";
import { roomPath } from "../rooms/slug.ts";
import { searchRooms } from "./room-search.ts";
import styles from "./QuickSwitcher.module.css";

const MAX_RESULTS = 8;

/** Searches all rooms, the viewer's own first, and opens one. Ctrl+K or Cmd+K opens it. */
export function QuickSwitcher(props: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}): JSX.Element {
  const navigate = useNavigate();
  const own = useOwnRooms();
  const [typed, setTyped] = createSignal("");
  const [chosen, setChosen] = createSignal(0);
  const listId = createUniqueId();
  const others = createDirectory(() => typed().trim());

  const results = createMemo(() => {
    const mine = searchRooms(own.rooms, typed());
    const foreign = others.rooms.filter((room) => !own.has(room.id));
    return [
      ...mine.map((room) => ({ ...room, unread: room.unread })),
      ...searchRooms(foreign, typed()).map((room) => ({ ...room, unread: 0 })),
    ].slice(0, MAX_RESULTS);
  });
  createEffect(on(typed, () => setChosen(0)));

  const go = (index: number): void => {
    const place = results()[index];
    if (!place) return;
    props.onOpenChange(false);
    navigate(roomPath(place.slug));
  };
  const press = (event: KeyboardEvent): void => {
    const count = results().length;
    if (event.key === "ArrowDown") setChosen((chosen() + 1) % Math.max(count, 1));
    else if (event.key === "ArrowUp") setChosen((chosen() + count - 1) % Math.max(count, 1));
    else if (event.key === "Enter" && !event.isComposing) go(chosen());
    else return;
    event.preventDefault();
  };
  const optionId = (index: number): string => `${listId}-${index}`;

  return (
    <Dialog open={props.open} onOpenChange={props.onOpenChange} title="Find a room" bare>
      <label class={styles.search}>
        <Icon name="search" />
        <span class="visually-hidden">Search for a room</span>
        <input
          role="combobox"
          data-autofocus=""
          aria-expanded="true"
          aria-controls={listId}
          aria-activedescendant={results().length > 0 ? optionId(chosen()) : undefined}
          aria-autocomplete="list"
          autocomplete="off"
          spellcheck={false}
          placeholder="Jump to a room…"
          value={typed()}
          onInput={(event) => setTyped(event.currentTarget.value)}
          onKeyDown={press}
        />
      </label>
      <ul class={styles.list} id={listId} role="listbox" aria-label="Rooms">
        <For each={results()} fallback={<li class={styles.none}>No rooms found</li>}>
          {(place, index) => (
            <li
              class={styles.place}
              id={optionId(index())}
              role="option"
              aria-selected={index() === chosen()}
              onPointerMove={() => setChosen(index())}
              onClick={() => go(index())}
            >
              <Avatar seed={place.id} name={place.name} shape="room" size="sm" />
              <span class={styles.name}>{place.name}</span>
              <UnreadBadge count={place.unread} />
              <span class={styles.hint}>{own.has(place.id) ? "" : "Not joined"}</span>
            </li>
          )}
        </For>
      </ul>
    </Dialog>
  );
}
