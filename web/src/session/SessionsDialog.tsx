import { createQuery, useClient } from "@urql/solid";
import { For, Show, createSignal } from "solid-js";
import type { JSX } from "solid-js";
import { describeError } from "../app/describe-error.ts";
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

/** The viewer's sessions, with a button to end each other session. */
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
      description="Devices where you're logged in. End any session you don't recognise."
    >
      <Show when={result.data === undefined && result.fetching}>
        <div class={styles.waiting}>
          <Spinner label="Loading your sessions" />
        </div>
      </Show>
      <Show when={result.error}>
        {(error) => (
          <p role="alert" class={styles.problem}>
            {describeError(error())}
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
    const response = await client.mutation(REVOKE_SESSION, { input }).toPromise();
    const outcome = response.data?.revokeSession;
    setBusy(false);
    if (!outcome) setProblem(describeError(response.error));
    // NotFoundError means that the session has already ended.
    else if (
      outcome.__typename === "RevokeSessionPayload" ||
      outcome.__typename === "NotFoundError"
    )
      onEnded();
    else setProblem(outcome.message);
  };
  const onEnded = (): void => {
    // The focused button disappears with its row. Move the focus to the dialog.
    row?.closest<HTMLElement>("[role=dialog]")?.focus();
    props.onRevoked();
  };
  return (
    <li class={styles.row} ref={(element) => (row = element)}>
      <Icon name="device" />
      <div class={styles.text}>
        <p class={styles.device}>{props.session.device || "Unknown device"}</p>
        <p class={styles.detail}>
          {props.session.address} · last active {timeAgo(props.session.lastUsedAt, Date.now())}
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
