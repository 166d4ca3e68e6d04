import { createSignal, onMount } from "solid-js";
import type { Accessor } from "solid-js";
import { describeError } from "../app/describe-error.ts";
import { useLive } from "../connection/context.tsx";
import { useSignedIn } from "../session/context.tsx";
import { MEMBERS } from "./documents.ts";
import { applyToMembers, sortMembers } from "./members.ts";
import type { Member } from "./members.ts";

const PAGE = 100;

export interface MembersState {
  members: Accessor<Member[]>;
  loading: Accessor<boolean>;
  problem: Accessor<string | undefined>;
  hasMore: Accessor<boolean>;
  more: () => void;
  retry: () => void;
}

export function createMembers(roomId: string): MembersState {
  const { client } = useSignedIn();
  const live = useLive();
  const [members, setMembers] = createSignal<readonly Member[]>([]);
  const [loading, setLoading] = createSignal(true);
  const [problem, setProblem] = createSignal<string | undefined>();
  const [next, setNext] = createSignal<string | undefined>();
  let latestLoad = 0;

  const load = async (after: string | undefined): Promise<void> => {
    latestLoad += 1;
    const thisLoad = latestLoad;
    setLoading(true);
    setProblem(undefined);
    const variables = { id: roomId, first: PAGE, after: after ?? null };
    const response = await client.query(MEMBERS, variables).toPromise();
    if (thisLoad !== latestLoad) return;
    setLoading(false);
    const node = response.data?.node;
    if (node?.__typename !== "Room") {
      setProblem(describeError(response.error));
      return;
    }
    const found = node.members.edges.map((edge) => edge.node);
    const known = new Set(found.map((member) => member.user.id));
    const before = after === undefined ? [] : members();
    setMembers([...before.filter((member) => !known.has(member.user.id)), ...found]);
    const { hasNextPage, endCursor } = node.members.pageInfo;
    setNext(hasNextPage ? (endCursor ?? undefined) : undefined);
  };

  onMount(() => {
    live.onEvent((event) => setMembers((before) => applyToMembers(before, roomId, event)));
    // eslint-disable-next-line solid/reactivity -- runs in a callback, not while tracking
    live.onResync(() => void load(undefined));
    void load(undefined);
  });
  return {
    members: () => sortMembers(members()),
    loading,
    problem,
    hasMore: () => next() !== undefined,
    more: () => void load(next()),
    retry: () => void load(undefined),
  };
}
