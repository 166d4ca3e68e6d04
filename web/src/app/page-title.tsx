import { createContext, createEffect, createSignal, onCleanup, useContext } from "solid-js";
import type { Accessor, JSX, Setter } from "solid-js";
import { windowTitle } from "./window-title.ts";

const PageTitleContext = createContext<Setter<string | undefined>>();

/** Sets the window title from the page's title and the unread count. */
export function PageTitleProvider(props: { unread: number; children: JSX.Element }): JSX.Element {
  const [page, setPage] = createSignal<string | undefined>();
  createEffect(() => {
    document.title = windowTitle(page(), props.unread);
  });
  onCleanup(() => {
    document.title = windowTitle(undefined, 0);
  });
  return <PageTitleContext.Provider value={setPage}>{props.children}</PageTitleContext.Provider>;
}

/** Sets the page's title while the calling component is mounted. */
export function usePageTitle(title: Accessor<string | undefined>): void {
  const setPage = useContext(PageTitleContext);
  if (!setPage) throw new Error("usePageTitle needs a PageTitleProvider above it");
  createEffect(() => setPage(title()));
  onCleanup(() => setPage(undefined));
}
