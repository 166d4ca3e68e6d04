import { createQuery, useClient } from "@urql/solid";
import { For, Show, createSignal } from "solid-js";
import type { JSX } from "solid-js";
import { sentenceFor } from "../app/problem.ts";
import { Tag } from "../design/Badge.tsx";
import { Button } from "../design/Button.tsx";
import { Dialog } from "../design/Dialog.tsx";
import { Icon } from "../design/Icon.tsx";
import { Spinner } from "../design/Spinner.tsx";
import { timeAgo } from "../design/time.ts";
import type { SessionsQuery } from "../generated/graphql.ts";
import { REVOKE_SESSION, SESSIONS } from "./documents.ts";
import styles from "./SessionsDialog.module.css";

type SessionRow = NonNullable<SessionsQuery["viewer"]>["sessions"]["edges"][number]["node"];

/** Where this person is logged in, with the means to end any of it. */
export function SessionsDialog(props: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}): JSX.Element {
  const [result, refetch] = createQuery({ query: SESSIONS, variables: {} });
  const rows = (): SessionRow[] =>
    result.data?.viewer?.sessions.edges.map((edge) => edge.node) ?? [];
  return (
    <Dialog
      open={props.open}
      onOpenChange={props.onOpenChange}
      title="Your sessions"
      description="Every device that is logged in with your name. End the ones that you do not know."
    >
      <Show when={result.data === undefined && result.fetching}>
        <div class={styles.waiting}>
          <Spinner label="Loading your sessions" />
        </div>
      </Show>
      <Show when={result.error}>
        {(error) => (
          <p role="alert" class={styles.problem}>
            {sentenceFor(error())}
          </p>
        )}
      </Show>
      <ul class={styles.list}>
        <For each={rows()}>{(row) => <Row session={row} onRevoked={() => refetch()} />}</For>
      </ul>
    </Dialog>
  );
}

function Row(props: { session: SessionRow; onRevoked: () => void }): JSX.Element {
  const client = useClient();
  const [busy, setBusy] = createSignal(false);
  const [problem, setProblem] = createSignal<string | undefined>();
  let row: HTMLLIElement | undefined;

  const revoke = async (): Promise<void> => {
    setBusy(true);
    const input = { sessionId: props.session.id };
    const answer = await client.mutation(REVOKE_SESSION, { input }).toPromise();
    const outcome = answer.data?.revokeSession;
    setBusy(false);
    if (!outcome) setProblem(sentenceFor(answer.error));
    // One that is not there any more is what was wished for.
    else if (
      outcome.__typename === "RevokeSessionPayload" ||
      outcome.__typename === "NotFoundError"
    )
      gone();
    else setProblem(outcome.message);
  };
  const gone = (): void => {
    // The button that has the focus goes with its row; the dialog must not lose it.
    row?.closest<HTMLElement>("[role=dialog]")?.focus();
    props.onRevoked();
  };
  return (
    <li class={styles.row} ref={(element) => (row = element)}>
      <Icon name="device" />
      <div class={styles.words}>
        <p class={styles.device}>{props.session.device || "Unknown device"}</p>
        <p class={styles.detail}>
          {props.session.address} · used {timeAgo(props.session.lastUsedAt, Date.now())}
        </p>
        <p role="alert" class={styles.problem}>
          {problem()}
        </p>
      </div>
      <Show when={!props.session.current} fallback={<Tag>This device</Tag>}>
        <Button
          size="sm"
          busy={busy()}
          aria-label={`End the session on ${props.session.device || "an unknown device"}`}
          onClick={() => void revoke()}
        >
          End
        </Button>
      </Show>
    </li>
  );
}
