import { TypedError, type TypedErrorData } from "./errors.ts";
import { errorClasses } from "./generated/errors.ts";

/** A typed error of the schema, as a member of a mutation's union. */
export interface ErrorAnswer extends TypedErrorData {
  readonly __typename: string;
}

/** The members of a mutation's union that are not errors. */
export type Success<Answer> = Exclude<Answer, ErrorAnswer>;

/**
 * Returns a mutation's payload, or throws its typed error.
 *
 * @throws TypedError of the class with the result's type name
 */
export function unwrap<Answer extends object>(answer: Answer): Success<Answer> {
  if (!isErrorAnswer(answer)) return answer as Success<Answer>;
  throw typedError(answer);
}

/**
 * Converts a typed error of the server to its class. A type newer than this SDK becomes a {@link
 * TypedError}.
 */
export function typedError(answer: ErrorAnswer): TypedError {
  const name = answer.__typename;
  if (name in errorClasses) return new errorClasses[name as keyof typeof errorClasses](answer);
  return new TypedError(name, answer);
}

function isErrorAnswer(answer: object): answer is ErrorAnswer {
  return (
    "__typename" in answer &&
    "code" in answer &&
    typeof answer.code === "string" &&
    "message" in answer &&
    typeof answer.message === "string"
  );
}
