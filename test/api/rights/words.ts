import type { TestClient } from "../../kit/client.ts";
import type { Variables } from "../../kit/socket.ts";

/** What the server may answer to any mutation. */
export interface Outcome {
  __typename: string;
  code?: string;
  message?: string;
  fields?: { field: string; code: string }[];
}

/** The type of a mutation's input. */
export function inputTypeOf(mutation: string): string {
  return `${mutation[0]?.toUpperCase() ?? ""}${mutation.slice(1)}Input`;
}

/** A mutation that asks for nothing but what came of it. @param input null where it takes none */
export function documentOf(mutation: string, input: Variables | null): string {
  const [variable, argument] =
    input === null ? ["", ""] : [`($input: ${inputTypeOf(mutation)}!)`, "(input: $input)"];
  return `mutation${variable} { ${mutation}${argument} { __typename
    ... on Error { code message ... on InvalidInputError { fields { field code } } } } }`;
}

/**
 * What comes of a mutation, in the words of the tables: `yes`; the code of its typed error, as
 * `not found`; of an invalid input the fields and their codes, as `body too long`. Anything that no
 * program should have to expect (a GraphQL error, a status of 500) is told with a `!`.
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

/** The whole answer, with its words; text that begins with `!` where it is none that a program should expect. */
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

/** `NOT_FOUND` as `not found`. */
export function wordOf(code: string): string {
  return code.toLowerCase().replaceAll("_", " ");
}
