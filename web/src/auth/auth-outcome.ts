import type { LogInMutation, SignUpMutation } from "../generated/graphql.ts";

export type AuthMode = "signUp" | "logIn";

/** The form's fields. The server's `FieldProblem.field` uses the same names. */
export const AUTH_FIELDS = ["username", "password", "displayName"] as const;
export type AuthField = (typeof AUTH_FIELDS)[number];

/** The form's state after the server responded. */
export type AuthOutcome =
  | { kind: "success" }
  | {
      kind: "rejected";
      fields: Partial<Record<AuthField, string>>;
      /** Shown above the button; undefined if the field errors suffice. */
      message: string | undefined;
      /** The other mode, offered with the same username. */
      offer: AuthMode | undefined;
    };

type AuthResult = SignUpMutation["signUp"] | LogInMutation["logIn"];

/**
 * Converts the result of signing up or logging in to the form's state.
 *
 * @param result the mutation's union
 */
export function readAuthResult(result: AuthResult): AuthOutcome {
  switch (result.__typename) {
    case "SignUpPayload":
    case "LogInPayload":
      return { kind: "success" };
    case "InvalidInputError":
      return readFields(result.fields, result.message);
    case "UsernameTakenError":
      return {
        kind: "rejected",
        fields: { username: "That username is already taken. Try another one." },
        message: undefined,
        offer: "logIn",
      };
    case "InvalidCredentialsError":
      // The server does not reveal whether the username exists, so the form offers to sign up too.
      return {
        kind: "rejected",
        fields: {},
        message: "Wrong username or password.",
        offer: "signUp",
      };
    default:
      return { kind: "rejected", fields: {}, message: result.message, offer: undefined };
  }
}

function readFields(
  problems: readonly { field: string; message: string }[],
  message: string,
): AuthOutcome {
  const fields: Partial<Record<AuthField, string>> = {};
  for (const problem of problems) {
    const field = AUTH_FIELDS.find((name) => name === problem.field);
    if (field) fields[field] ??= problem.message;
  }
  // Show the message of a problem whose field is not in the form.
  const rest = Object.keys(fields).length === 0 ? message : undefined;
  return { kind: "rejected", fields, message: rest, offer: undefined };
}
