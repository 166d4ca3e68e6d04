import type { Client } from "@urql/core";
import { useClient } from "@urql/solid";
import { createEffect, createSignal, on } from "solid-js";
import type { Accessor } from "solid-js";
import { createStore } from "solid-js/store";
import { describeError } from "../app/describe-error.ts";
import type { DirectoryQuery } from "../generated/graphql.ts";
import { DIRECTORY } from "./documents.ts";

export type DirectoryRoom = DirectoryQuery["rooms"]["edges"][number]["node"];

const PAGE = 30;

export interface DirectoryState {
  rooms: readonly DirectoryRoom[];
  loading: Accessor<boolean>;
  hasMore: Accessor<boolean>;
  /** The last request's error message, if it failed. */
  problem: Accessor<string | undefined>;
  more(): void;
  retry(): void;
}

/** The rooms that match a search, loaded by page. A new search starts over. */
export function createDirectory(search: Accessor<string>): DirectoryState {
  const client: Client = useClient();
  const [state, setState] = createStore<{ rooms: DirectoryRoom[] }>({ rooms: [] });
  const [loading, setLoading] = createSignal(true);
  const [next, setNext] = createSignal<string | undefined>();
  const [problem, setProblem] = createSignal<string | undefined>();
  let latestLoad = 0;

  const load = async (after: string | undefined): Promise<void> => {
    latestLoad += 1;
    const thisLoad = latestLoad;
    setLoading(true);
    setProblem(undefined);
    const wanted = search();
    const variables = { search: wanted === "" ? null : wanted, first: PAGE, after: after ?? null };
    const response = await client.query(DIRECTORY, variables).toPromise();
    // The search changed during the request, so this result is outdated.
    if (thisLoad !== latestLoad) return;
    setLoading(false);
    const page = response.data?.rooms;
    if (!page) {
      setProblem(describeError(response.error));
      return;
    }
    const found = page.edges.map((edge) => edge.node);
    setState("rooms", after === undefined ? found : [...state.rooms, ...found]);
    setNext(page.pageInfo.hasNextPage ? (page.pageInfo.endCursor ?? undefined) : undefined);
  };

  createEffect(on(search, () => void load(undefined)));
  return {
    get rooms() {
      return state.rooms;
    },
    loading,
    hasMore: () => next() !== undefined,
    problem,
    more: () => void load(next()),
    retry: () => void load(undefined),
  };
}
