import { useNavigate } from "@solidjs/router";
import { useClient } from "@urql/solid";
import { createEffect, createSignal, on } from "solid-js";
import { createStore } from "solid-js/store";
import type { JSX } from "solid-js";
import { describeError } from "../app/describe-error.ts";
import { Button } from "../design/Button.tsx";
import { Dialog, DialogActions } from "../design/Dialog.tsx";
import { Field } from "../design/Field.tsx";
import { useSignedIn } from "../session/context.tsx";
import { CREATE_ROOM } from "./documents.ts";
import { roomPath } from "./slug.ts";
import styles from "./CreateRoomDialog.module.css";

const EMPTY = { name: "", topic: "" };

interface Problems {
  name?: string | undefined;
  topic?: string | undefined;
  /** Problems that belong to no field. */
  other?: string | undefined;
}

export function CreateRoomDialog(props: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}): JSX.Element {
  const client = useClient();
  const navigate = useNavigate();
  const { server } = useSignedIn();
  const [values, setValues] = createStore({ ...EMPTY });
  const [problems, setProblems] = createSignal<Problems>({});
  const [busy, setBusy] = createSignal(false);

  createEffect(
    on(
      () => props.open,
      (open) => {
        if (!open) return;
        setValues({ ...EMPTY });
        setProblems({});
      },
    ),
  );

  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const name = values.name.trim();
    const topic = values.topic.trim();
    if (name === "") {
      setProblems({ name: "Enter a room name." });
      return;
    }
    setBusy(true);
    const input = { name, ...(topic === "" ? {} : { topic }) };
    const response = await client.mutation(CREATE_ROOM, { input }).toPromise();
    setBusy(false);
    const result = response.data?.createRoom;
    if (!result) {
      setProblems({ other: describeError(response.error) });
    } else if (result.__typename === "CreateRoomPayload") {
      props.onOpenChange(false);
      navigate(roomPath(result.room.slug));
    } else if (result.__typename === "InvalidInputError") {
      setProblems(readProblems(result.fields, result.message));
    } else if (result.__typename === "SlugTakenError") {
      setProblems({ name: "A room with this name already exists." });
    } else {
      setProblems({ other: result.message });
    }
  };

  return (
    <Dialog
      open={props.open}
      onOpenChange={props.onOpenChange}
      title="Create a room"
      description="Anyone on this server can find and join it."
    >
      <form class={styles.form} onSubmit={(event) => void submit(event)} noValidate>
        <Field
          label="Room name"
          name="name"
          value={values.name}
          onChange={(name) => {
            setValues({ name });
            setProblems({});
          }}
          problem={problems().name}
          maxLength={server.limits.roomNameLength}
          placeholder="Garden planning"
          required
          autofocus
        />
        <Field
          label="Topic"
          name="topic"
          value={values.topic}
          onChange={(topic) => setValues({ topic })}
          problem={problems().topic}
          hint="Optional. What's this room about?"
        />
        <p role="alert" class={styles.problem}>
          {problems().other}
        </p>
        <DialogActions>
          <Button onClick={() => props.onOpenChange(false)}>Cancel</Button>
          <Button type="submit" variant="primary" busy={busy()}>
            Create room
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

function readProblems(
  fields: readonly { field: string; message: string }[],
  message: string,
): Problems {
  const of = (names: readonly string[]): string | undefined =>
    fields.find((problem) => names.includes(problem.field))?.message;
  // The server derives the slug from the name, so slug problems belong to the name.
  const found = { name: of(["name", "slug"]), topic: of(["topic"]) };
  return found.name === undefined && found.topic === undefined ? { other: message } : found;
}
