import { useLocation } from "@solidjs/router";
import { Show, Suspense, createEffect, createSignal, lazy, on, onCleanup, onMount } from "solid-js";
import type { JSX } from "solid-js";
import { Banner } from "../connection/Banner.tsx";
import { Spinner } from "../design/Spinner.tsx";
import { CreateRoomDialog } from "../rooms/CreateRoomDialog.tsx";
import { useOwnRooms } from "../rooms/context.tsx";
import { PageTitleProvider } from "./page-title.tsx";
import { ShellContext } from "./shell-context.ts";
import type { ShellHandle } from "./shell-context.ts";
import { Sidebar } from "./Sidebar.tsx";
import styles from "./Shell.module.css";

const QuickSwitcher = lazy(async () => ({
  default: (await import("./QuickSwitcher.tsx")).QuickSwitcher,
}));
const SessionsDialog = lazy(async () => ({
  default: (await import("../session/SessionsDialog.tsx")).SessionsDialog,
}));

/** The layout: rooms at the side, the page beside them. Phones show one or the other. */
export function Shell(props: { children?: JSX.Element }): JSX.Element {
  const location = useLocation();
  const own = useOwnRooms();
  const [creating, setCreating] = createSignal(false);
  const [switching, setSwitching] = createSignal(false);
  const [sessions, setSessions] = createSignal(false);
  const [path, setPath] = createSignal(location.pathname);
  createEffect(() => setPath(location.pathname));
  const handle: ShellHandle = {
    path,
    createRoom: () => setCreating(true),
    switchRoom: () => setSwitching(true),
    showSessions: () => setSessions(true),
  };

  const shortcut = (event: KeyboardEvent): void => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey)) return;
    if (event.shiftKey || event.altKey) return;
    event.preventDefault();
    setSwitching(!switching());
  };
  onMount(() => window.addEventListener("keydown", shortcut));
  onCleanup(() => window.removeEventListener("keydown", shortcut));
  createEffect(
    on(
      () => location.pathname,
      () => setSwitching(false),
      { defer: true },
    ),
  );

  return (
    <ShellContext.Provider value={handle}>
      <PageTitleProvider unread={own.unread()}>
        <a class={styles.skip} href="#page">
          Skip to main content
        </a>
        <div class={styles.shell} data-page={location.pathname === "/" ? "list" : "page"}>
          <Sidebar />
          <main class={styles.main} id="page" tabIndex={-1}>
            <Banner />
            <div class={styles.page}>
              <Suspense fallback={<Loading />}>{props.children}</Suspense>
            </div>
          </main>
        </div>
        <CreateRoomDialog open={creating()} onOpenChange={setCreating} />
        <Suspense>
          <Show when={switching()}>
            <QuickSwitcher open={switching()} onOpenChange={setSwitching} />
          </Show>
          <Show when={sessions()}>
            <SessionsDialog open={sessions()} onOpenChange={setSessions} />
          </Show>
        </Suspense>
      </PageTitleProvider>
    </ShellContext.Provider>
  );
}

function Loading(): JSX.Element {
  return (
    <div class={styles.waiting}>
      <Spinner label="Loading" />
    </div>
  );
}
