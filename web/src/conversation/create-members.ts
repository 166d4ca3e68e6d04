import { createSignal, onMount } from "solid-js";
import type { Accessor } from "solid-js";
import { sentenceFor } from "../app/problem.ts";
import { useLive } from "../connection/context.tsx";
import { useEntered } from "../session/context.tsx";
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

/** Who is in a room, a page at a time, kept fresh by events. */
export function createMembers(roomId: string): MembersState {
  const { client } = useEntered();
  const live = useLive();
  const [members, setMembers] = createSignal<readonly Member[]>([]);
  const [loading, setLoading] = createSignal(true);
  const [problem, setProblem] = createSignal<string | undefined>();
  const [next, setNext] = createSignal<string | undefined>();
  let turn = 0;

  const load = async (after: string | undefined): Promise<void> => {
    turn += 1;
    const mine = turn;
    setLoading(true);
    setProblem(undefined);
    const variables = { id: roomId, first: PAGE, after: after ?? null };
    const answer = await client.query(MEMBERS, variables).toPromise();
    if (mine !== turn) return;
    setLoading(false);
    const node = answer.data?.node;
    if (node?.__typename !== "Room") {
      setProblem(sentenceFor(answer.error));
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
    // eslint-disable-next-line solid/reactivity -- it is called when something was missed
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
