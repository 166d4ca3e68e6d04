import { makeKeyValueOutboxStorage, makeOutbox } from "@parley/sdk/state";
import type { Outbox } from "@parley/sdk/state";
import { createContext, createEffect, on, onCleanup, useContext } from "solid-js";
import type { JSX } from "solid-js";
import { useLive } from "../connection/context.tsx";
import { useSignedIn } from "../session/context.tsx";
import { outboxKeyPrefix } from "../session/unsent-storage.ts";
import type { StoredMessage } from "./room-source.ts";
import { sendItem } from "./send.ts";

export interface OutboxHandle {
  outbox: Outbox;
  /** Calls the listener with each sent message while the calling component is mounted. */
  onSent(listener: (message: StoredMessage) => void): void;
}

const OutboxContext = createContext<OutboxHandle>();

/**
 * Provides the outbox. Unsent messages survive a closed tab, and are sent when the server is
 * reachable.
 */
export function OutboxProvider(props: { children: JSX.Element }): JSX.Element {
  const signedIn = useSignedIn();
  const live = useLive();
  const listeners = new Set<(message: StoredMessage) => void>();
  const outbox = makeOutbox<StoredMessage>({
    send: (item) => sendItem(signedIn.client, item),
    onSent: (message) => {
      for (const listener of [...listeners]) listener(message);
    },
    storage: makeKeyValueOutboxStorage(localStorage, outboxKeyPrefix(signedIn.me.id)),
  });
  void outbox.restore();
  onCleanup(() => outbox.stop());

  live.onEvent((event) => {
    if (event.__typename !== "MessageSent") return;
    const { author, clientId } = event.message;
    if (author.id === signedIn.me.id && clientId) outbox.settle(clientId);
  });
  createEffect(
    on(
      () => live.status().state,
      (state) => {
        if (state === "live") outbox.flush();
      },
    ),
  );

  const handle: OutboxHandle = {
    outbox,
    onSent: (listener) => {
      listeners.add(listener);
      onCleanup(() => listeners.delete(listener));
    },
  };
  return <OutboxContext.Provider value={handle}>{props.children}</OutboxContext.Provider>;
}

export function useOutbox(): OutboxHandle {
  const handle = useContext(OutboxContext);
  if (!handle) throw new Error("useOutbox needs an OutboxProvider above it");
  return handle;
}
