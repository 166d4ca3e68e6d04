import { useClient } from "@urql/solid";
import { Show, createSignal } from "solid-js";
import { createStore } from "solid-js/store";
import type { JSX } from "solid-js";
import { describeError } from "../app/describe-error.ts";
import { Button } from "../design/Button.tsx";
import { Field } from "../design/Field.tsx";
import { useSession } from "../session/context.tsx";
import type { ServerInfo } from "../session/session.ts";
import { deviceName } from "./device.ts";
import { LOG_IN, SIGN_UP } from "./documents.ts";
import { readAuthResult } from "./auth-outcome.ts";
import type { AuthField, AuthMode, AuthOutcome } from "./auth-outcome.ts";
import styles from "./AuthForm.module.css";

const COPY = {
  signUp: { title: "Create your account", verb: "Sign up", ask: "Already have an account?" },
  logIn: { title: "Welcome back", verb: "Log in", ask: "New here?" },
} as const;

type Rejection = Extract<AuthOutcome, { kind: "rejected" }>;

const NO_PROBLEMS: Rejection = {
  kind: "rejected",
  fields: {},
  message: undefined,
  offer: undefined,
};

/** Marks a device on which someone has signed in, so that the form opens in log-in mode. */
const RETURNING_KEY = "parley.been-here";

/** One form for signing up and logging in. Switching the mode keeps the input. */
export function AuthForm(props: { server: ServerInfo; notice: string | undefined }): JSX.Element {
  const client = useClient();
  const session = useSession();
  const [mode, setMode] = createSignal<AuthMode>(
    localStorage.getItem(RETURNING_KEY) === null ? "signUp" : "logIn",
  );
  const [values, setValues] = createStore({ username: "", password: "", displayName: "" });
  const [rejection, setRejection] = createSignal<Rejection>(NO_PROBLEMS);
  const [busy, setBusy] = createSignal(false);
  let form: HTMLFormElement | undefined;

  const change = (field: AuthField, value: string): void => {
    setValues(field, value);
    // Editing a value clears its error.
    const { [field]: _, ...fields } = rejection().fields;
    setRejection({ ...rejection(), fields });
  };
  const switchMode = (to: AuthMode): void => {
    setMode(to);
    setRejection(NO_PROBLEMS);
  };

  const authenticate = async (): Promise<AuthOutcome> => {
    const input = {
      username: values.username.trim(),
      password: values.password,
      device: deviceName(navigator.userAgent),
    };
    if (mode() === "logIn") {
      const response = await client.mutation(LOG_IN, { input }).toPromise();
      if (response.data) return readAuthResult(response.data.logIn);
      return { ...NO_PROBLEMS, message: describeError(response.error) };
    }
    const displayName = values.displayName.trim();
    const response = await client
      .mutation(SIGN_UP, { input: { ...input, ...(displayName === "" ? {} : { displayName }) } })
      .toPromise();
    if (response.data) return readAuthResult(response.data.signUp);
    return { ...NO_PROBLEMS, message: describeError(response.error) };
  };

  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (busy()) return;
    const missing = missingFields(values);
    if (Object.keys(missing).length > 0) {
      reject({ ...NO_PROBLEMS, fields: missing });
      return;
    }
    setBusy(true);
    const outcome = await authenticate();
    if (outcome.kind === "success") {
      localStorage.setItem(RETURNING_KEY, "yes");
      await session.load();
    } else {
      reject(outcome);
    }
    setBusy(false);
  };
  const reject = (outcome: Rejection): void => {
    setRejection(outcome);
    form?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  };

  return (
    <form
      class={styles.form}
      ref={(element) => (form = element)}
      onSubmit={(event) => void submit(event)}
      noValidate
    >
      <h1 class={styles.title}>{COPY[mode()].title}</h1>
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
        problem={rejection().fields.username}
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
        problem={rejection().fields.password}
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
          problem={rejection().fields.displayName}
          hint="Optional. How others see you."
          autocomplete="name"
        />
      </Show>
      <div role="alert" class={styles.alert}>
        <Show when={rejection().message}>
          <p class={styles.problem}>{rejection().message}</p>
        </Show>
      </div>
      <Button type="submit" variant="primary" wide busy={busy()}>
        {COPY[mode()].verb}
      </Button>
      <p class={styles.other}>
        <Show
          when={rejection().offer === "signUp"}
          fallback={
            <>
              {COPY[mode()].ask}{" "}
              <button
                type="button"
                class={styles.link}
                onClick={() => switchMode(mode() === "signUp" ? "logIn" : "signUp")}
              >
                {mode() === "signUp" ? "Log in" : "Sign up"}
              </button>
            </>
          }
        >
          <button type="button" class={styles.link} onClick={() => switchMode("signUp")}>
            Sign up as “{values.username.trim()}”
          </button>
        </Show>
      </p>
    </form>
  );
}

function missingFields(values: Record<AuthField, string>): Rejection["fields"] {
  return {
    ...(values.username.trim() === "" ? { username: "Enter a username." } : {}),
    ...(values.password === "" ? { password: "Enter a password." } : {}),
  };
}
