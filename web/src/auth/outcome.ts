import type { LogInMutation, SignUpMutation } from "../generated/graphql.ts";

export type AuthMode = "signUp" | "logIn";

/** The fields of the form; the server's `FieldProblem.field` uses the same names. */
export const AUTH_FIELDS = ["username", "password", "displayName"] as const;
export type AuthField = (typeof AUTH_FIELDS)[number];

/** What the form is to show after the server answered. */
export type AuthOutcome =
  | { is: "entered" }
  | {
      is: "refused";
      fields: Partial<Record<AuthField, string>>;
      /** Said above the button; undefined when the fields say it all. */
      message: string | undefined;
      /** The way out that is offered: the other form, with the same name in it. */
      offer: AuthMode | undefined;
    };

type AuthResult = SignUpMutation["signUp"] | LogInMutation["logIn"];

/**
 * Reads the answer to signing up or logging in.
 *
 * @param result the union that the mutation answered with
 */
export function readAuthResult(result: AuthResult): AuthOutcome {
  switch (result.__typename) {
    case "SignUpPayload":
    case "LogInPayload":
      return { is: "entered" };
    case "InvalidInputError":
      return readFields(result.fields, result.message);
    case "UsernameTakenError":
      return {
        is: "refused",
        fields: { username: "Somebody has this name already. Choose another one." },
        message: undefined,
        offer: "logIn",
      };
    case "InvalidCredentialsError":
      // The server tells nobody whether the name exists, so both ways out are offered.
      return {
        is: "refused",
        fields: {},
        message: "That name and password do not go together. Try again, or sign up with this name.",
        offer: "signUp",
      };
    default:
      return { is: "refused", fields: {}, message: result.message, offer: undefined };
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
  // A problem with something that the form has no field for must not vanish.
  const rest = Object.keys(fields).length === 0 ? message : undefined;
  return { is: "refused", fields, message: rest, offer: undefined };
}
