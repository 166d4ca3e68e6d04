import { useClient } from "@urql/solid";
import { Show, createSignal } from "solid-js";
import { createStore } from "solid-js/store";
import type { JSX } from "solid-js";
import { sentenceFor } from "../app/problem.ts";
import { Button } from "../design/Button.tsx";
import { Field } from "../design/Field.tsx";
import { useSession } from "../session/context.tsx";
import type { ServerFacts } from "../session/session.ts";
import { deviceName } from "./device.ts";
import { LOG_IN, SIGN_UP } from "./documents.ts";
import { readAuthResult } from "./outcome.ts";
import type { AuthField, AuthMode, AuthOutcome } from "./outcome.ts";
import styles from "./AuthForm.module.css";

const WORDS = {
  signUp: { title: "Create your account", verb: "Sign up", ask: "Already here before?" },
  logIn: { title: "Welcome back", verb: "Log in", ask: "New here?" },
} as const;

type Refusal = Extract<AuthOutcome, { is: "refused" }>;

const NOTHING: Refusal = { is: "refused", fields: {}, message: undefined, offer: undefined };

/** Remembered on this device, so that whoever has been here finds the form they need. */
const BEEN_HERE = "parley.been-here";

/** One form for both ways in; switching keeps what was typed. */
export function AuthForm(props: { server: ServerFacts; notice: string | undefined }): JSX.Element {
  const client = useClient();
  const session = useSession();
  const [mode, setMode] = createSignal<AuthMode>(
    localStorage.getItem(BEEN_HERE) === null ? "signUp" : "logIn",
  );
  const [values, setValues] = createStore({ username: "", password: "", displayName: "" });
  const [refusal, setRefusal] = createSignal<Refusal>(NOTHING);
  const [busy, setBusy] = createSignal(false);
  let form: HTMLFormElement | undefined;

  const change = (field: AuthField, value: string): void => {
    setValues(field, value);
    // The complaint about a value ends with the value.
    const { [field]: _, ...fields } = refusal().fields;
    setRefusal({ ...refusal(), fields });
  };
  const turn = (to: AuthMode): void => {
    setMode(to);
    setRefusal(NOTHING);
  };

  const ask = async (): Promise<AuthOutcome> => {
    const input = {
      username: values.username.trim(),
      password: values.password,
      device: deviceName(navigator.userAgent),
    };
    if (mode() === "logIn") {
      const answer = await client.mutation(LOG_IN, { input }).toPromise();
      if (answer.data) return readAuthResult(answer.data.logIn);
      return { ...NOTHING, message: sentenceFor(answer.error) };
    }
    const displayName = values.displayName.trim();
    const answer = await client
      .mutation(SIGN_UP, { input: { ...input, ...(displayName === "" ? {} : { displayName }) } })
      .toPromise();
    if (answer.data) return readAuthResult(answer.data.signUp);
    return { ...NOTHING, message: sentenceFor(answer.error) };
  };

  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (busy()) return;
    const missing = missingFields(values);
    if (Object.keys(missing).length > 0) {
      refuse({ ...NOTHING, fields: missing });
      return;
    }
    setBusy(true);
    const outcome = await ask();
    if (outcome.is === "entered") {
      localStorage.setItem(BEEN_HERE, "yes");
      await session.load();
    } else {
      refuse(outcome);
    }
    setBusy(false);
  };
  const refuse = (outcome: Refusal): void => {
    setRefusal(outcome);
    form?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  };

  return (
    <form
      class={styles.form}
      ref={(element) => (form = element)}
      onSubmit={(event) => void submit(event)}
      noValidate
    >
      <h1 class={styles.title}>{WORDS[mode()].title}</h1>
      <Show when={props.notice}>
        <p class={styles.notice} role="status">
          {props.notice}
        </p>
      </Show>
      <Field
        label="Username"
        name="username"
        value={values.username}
        onChange={(value) => change("username", value)}
        problem={refusal().fields.username}
        autocomplete="username"
        maxLength={props.server.limits.usernameMaxLength}
        required
        autofocus
      />
      <Field
        label="Password"
        name="password"
        type="password"
        value={values.password}
        onChange={(value) => change("password", value)}
        problem={refusal().fields.password}
        hint={
          mode() === "signUp"
            ? `At least ${props.server.limits.passwordMinLength} characters.`
            : undefined
        }
        autocomplete={mode() === "signUp" ? "new-password" : "current-password"}
        maxLength={props.server.limits.passwordMaxLength}
        required
      />
      <Show when={mode() === "signUp"}>
        <Field
          label="Display name"
          name="displayName"
          value={values.displayName}
          onChange={(value) => change("displayName", value)}
          problem={refusal().fields.displayName}
          hint="Optional. What others see instead of your username."
          autocomplete="name"
        />
      </Show>
      <div role="alert" class={styles.alert}>
        <Show when={refusal().message}>
          <p class={styles.problem}>{refusal().message}</p>
        </Show>
      </div>
      <Button type="submit" variant="primary" wide busy={busy()}>
        {WORDS[mode()].verb}
      </Button>
      <p class={styles.other}>
        <Show
          when={refusal().offer === "signUp"}
          fallback={
            <>
              {WORDS[mode()].ask}{" "}
              <button
                type="button"
                class={styles.link}
                onClick={() => turn(mode() === "signUp" ? "logIn" : "signUp")}
              >
                {mode() === "signUp" ? "Log in instead" : "Sign up instead"}
              </button>
            </>
          }
        >
          <button type="button" class={styles.link} onClick={() => turn("signUp")}>
            Sign up as “{values.username.trim()}”
          </button>
        </Show>
      </p>
    </form>
  );
}

function missingFields(values: Record<AuthField, string>): Refusal["fields"] {
  return {
    ...(values.username.trim() === "" ? { username: "Enter a username." } : {}),
    ...(values.password === "" ? { password: "Enter a password." } : {}),
  };
}
