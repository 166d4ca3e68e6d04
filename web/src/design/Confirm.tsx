import type { JSX } from "solid-js";
import { Button } from "./Button.tsx";
import { Dialog, DialogActions } from "./Dialog.tsx";
import styles from "./Confirm.module.css";

export interface ConfirmProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  description: string;
  /** The verb on the button, such as "Leave room". */
  action: string;
  busy: boolean;
  problem: string | undefined;
  onConfirm: () => void;
}

/** Asks for confirmation before an action that is hard to undo. */
export function Confirm(props: ConfirmProps): JSX.Element {
  return (
    <Dialog
      open={props.open}
      onOpenChange={props.onOpenChange}
      title={props.title}
      description={props.description}
    >
      <div class={styles.body}>
        <p role="alert" class={styles.problem}>
          {props.problem}
        </p>
        <DialogActions>
          <Button onClick={() => props.onOpenChange(false)}>Cancel</Button>
          <Button variant="danger" busy={props.busy} onClick={() => props.onConfirm()}>
            {props.action}
          </Button>
        </DialogActions>
      </div>
    </Dialog>
  );
}
