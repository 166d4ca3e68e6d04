import { Match, Switch } from "solid-js";
import type { JSX } from "solid-js";
import { dayName } from "../design/time.ts";
import { MessageItem } from "./MessageItem.tsx";
import type { Row } from "./rows.ts";
import styles from "./RowView.module.css";

export interface RowViewProps {
  row: Row;
  onRetry: (key: string) => void;
  onDiscard: (key: string) => void;
}

export function RowView(props: RowViewProps): JSX.Element {
  const as = <K extends Row["kind"]>(kind: K): Extract<Row, { kind: K }> | false =>
    isRow(props.row, kind) ? props.row : false;
  return (
    <Switch>
      <Match when={as("message")}>
        {(row) => (
          <MessageItem
            message={row().message}
            head={row().head}
            onRetry={props.onRetry}
            onDiscard={props.onDiscard}
          />
        )}
      </Match>
      <Match when={as("day")}>
        {(row) => (
          <div class={styles.day} data-key={row().key}>
            <span>{dayName(row().at, Date.now())}</span>
          </div>
        )}
      </Match>
      <Match when={as("unread")}>
        {(row) => (
          <div class={styles.unread} data-key={row().key}>
            <span>New</span>
          </div>
        )}
      </Match>
      <Match when={as("note")}>
        {(row) => (
          <p class={styles.note} data-key={row().key}>
            {row().text}
          </p>
        )}
      </Match>
    </Switch>
  );
}

function isRow<K extends Row["kind"]>(row: Row, kind: K): row is Extract<Row, { kind: K }> {
  return row.kind === kind;
}
