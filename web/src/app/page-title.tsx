import { createContext, createEffect, createSignal, onCleanup, useContext } from "solid-js";
import type { Accessor, JSX, Setter } from "solid-js";
import { windowTitle } from "./title.ts";

const PageTitleContext = createContext<Setter<string | undefined>>();

/** Writes the window's title from what the page calls itself and what is unread. */
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

/** Names the page for as long as the component that calls this is shown. */
export function usePageTitle(title: Accessor<string | undefined>): void {
  const setPage = useContext(PageTitleContext);
  if (!setPage) throw new Error("usePageTitle needs a PageTitleProvider above it");
  createEffect(() => setPage(title()));
  onCleanup(() => setPage(undefined));
}
