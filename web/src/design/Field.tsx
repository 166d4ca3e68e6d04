import { TextField } from "@kobalte/core/text-field";
import { Show, createSignal } from "solid-js";
import type { JSX } from "solid-js";
import { IconButton } from "./Button.tsx";
import styles from "./Field.module.css";

export interface FieldProps {
  label: string;
  name: string;
  value: string;
  onChange: (value: string) => void;
  /** Error message. The field is then marked as invalid. */
  problem?: string | undefined;
  /** Help text below the field. A problem replaces it. */
  hint?: string | undefined;
  type?: "text" | "password" | "search";
  autocomplete?: string;
  maxLength?: number | undefined;
  required?: boolean;
  autofocus?: boolean;
  placeholder?: string;
  multiline?: boolean;
}

/** A labelled input with a hint or a problem. A button reveals a password. */
export function Field(props: FieldProps): JSX.Element {
  const [shown, setShown] = createSignal(false);
  const focusWhenAsked = (element: HTMLElement): void => {
    // `autofocus` works only during page load; these fields are created later.
    if (props.autofocus) queueMicrotask(() => element.focus());
  };
  return (
    <TextField
      class={styles.field}
      name={props.name}
      value={props.value}
      onChange={props.onChange}
      required={props.required ?? false}
      validationState={props.problem === undefined ? "valid" : "invalid"}
    >
      <TextField.Label class={styles.label}>{props.label}</TextField.Label>
      <div class={styles.box}>
        <Show
          when={props.multiline}
          fallback={
            <TextField.Input
              ref={focusWhenAsked}
              class={styles.input}
              data-autofocus={props.autofocus ? "" : undefined}
              type={props.type === "password" && shown() ? "text" : (props.type ?? "text")}
              autocomplete={props.autocomplete ?? "off"}
              autocapitalize="none"
              spellcheck={false}
              maxlength={props.maxLength}
              placeholder={props.placeholder}
            />
          }
        >
          <TextField.TextArea
            class={styles.input}
            rows={2}
            maxlength={props.maxLength}
            placeholder={props.placeholder}
          />
        </Show>
        <Show when={props.type === "password"}>
          <IconButton
            class={styles.eye}
            icon={shown() ? "eyeOff" : "eye"}
            label={shown() ? "Hide password" : "Show password"}
            aria-pressed={shown()}
            onClick={() => setShown(!shown())}
          />
        </Show>
      </div>
      <Show when={props.problem === undefined && props.hint !== undefined}>
        <TextField.Description class={styles.hint}>{props.hint}</TextField.Description>
      </Show>
      <TextField.ErrorMessage class={styles.problem}>{props.problem}</TextField.ErrorMessage>
    </TextField>
  );
}
