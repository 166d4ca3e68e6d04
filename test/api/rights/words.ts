import type { TestClient } from "../../kit/client.ts";
import type { Variables } from "../../kit/socket.ts";

/** A possible outcome of any mutation. */
export interface Outcome {
  __typename: string;
  code?: string;
  message?: string;
  fields?: { field: string; code: string }[];
}

/** Returns the type of a mutation's input. */
export function inputTypeOf(mutation: string): string {
  return `${mutation[0]?.toUpperCase() ?? ""}${mutation.slice(1)}Input`;
}

/** Builds a mutation that selects only its outcome. @param input null if it takes none */
export function documentOf(mutation: string, input: Variables | null): string {
  const [variable, argument] =
    input === null ? ["", ""] : [`($input: ${inputTypeOf(mutation)}!)`, "(input: $input)"];
  return `mutation${variable} { ${mutation}${argument} { __typename
    ... on Error { code message ... on InvalidInputError { fields { field code } } } } }`;
}

/**
 * Returns the outcome of a mutation in the words of the tables: `yes`; the code of its typed error, as
 * `not found`; for invalid input, the fields with their codes, as `body too long`. Unexpected errors (a
 * GraphQL error, status 500) are marked with `!`.
 */
export async function outcomeOf(
  client: TestClient,
  mutation: string,
  input: Variables | null,
): Promise<string> {
  const outcome = await answerOf(client, mutation, input);
  if (typeof outcome === "string") return outcome;
  if (outcome.code === undefined) return "yes";
  if (outcome.fields === undefined) return wordOf(outcome.code);
  return outcome.fields.map(({ field, code }) => `${field} ${wordOf(code)}`).join(", ");
}

/** Returns the whole response as text; it starts with `!` for an unexpected error. */
export async function answerOf(
  client: TestClient,
  mutation: string,
  input: Variables | null,
): Promise<Outcome | string> {
  const answer = await client.send<Record<string, Outcome>>(
    documentOf(mutation, input),
    input === null ? {} : { input },
  );
  const outcome = answer.data?.[mutation];
  return answer.status >= 500 || answer.errors.length > 0 || outcome === undefined
    ? `! HTTP ${answer.status} ${JSON.stringify(answer.errors)}`
    : outcome;
}

/** Converts `NOT_FOUND` to `not found`. */
export function wordOf(code: string): string {
  return code.toLowerCase().replaceAll("_", " ");
}
