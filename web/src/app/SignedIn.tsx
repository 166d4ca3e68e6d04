import { Route, Router } from "@solidjs/router";
import { useClient } from "@urql/solid";
import { lazy, onMount } from "solid-js";
import type { JSX } from "solid-js";
import { ConnectionProvider } from "../connection/context.tsx";
import { OutboxProvider } from "../conversation/outbox-context.tsx";
import { OwnRoomsProvider } from "../rooms/context.tsx";
import { SignedInProvider } from "../session/context.tsx";
import type { SessionState } from "../session/session.ts";
import { Home } from "./Home.tsx";
import { NotFound } from "./NotFound.tsx";
import { Shell } from "./Shell.tsx";

const Directory = lazy(async () => ({
  default: (await import("../rooms/Directory.tsx")).Directory,
}));
const RoomPage = lazy(async () => ({
  default: (await import("../conversation/RoomPage.tsx")).RoomPage,
}));

/** The signed-in app: one event stream, the viewer's rooms and the pages. */
export function SignedIn(props: Extract<SessionState, { kind: "signedIn" }>): JSX.Element {
  const client = useClient();
  // Most users open a room next, so its code loads early.
  onMount(() => void RoomPage.preload());
  const value = {
    client,
    get me() {
      return props.me;
    },
    get server() {
      return props.server;
    },
    get sessionId() {
      return props.sessionId;
    },
  };
  return (
    <SignedInProvider value={value}>
      <ConnectionProvider>
        <OwnRoomsProvider>
          <OutboxProvider>
            <Router root={Shell}>
              <Route path="/" component={Home} />
              <Route path="/rooms" component={Directory} />
              <Route path="/r/:slug" component={RoomPage} />
              <Route path="*" component={NotFound} />
            </Router>
          </OutboxProvider>
        </OwnRoomsProvider>
      </ConnectionProvider>
    </SignedInProvider>
  );
}
