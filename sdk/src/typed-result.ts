import { TypedError, type TypedErrorData } from "./errors.ts";
import { errorClasses } from "./generated/errors.ts";

/** A member of a mutation's union that is one of the schema's typed errors. */
export interface ErrorAnswer extends TypedErrorData {
  readonly __typename: string;
}

/** The members of a mutation's union that are not errors. */
export type Success<Answer> = Exclude<Answer, ErrorAnswer>;

/**
 * Answers a mutation's payload, or throws the typed error that it was answered with.
 *
 * @throws TypedError of the class that is named like the answer's type
 */
export function unwrap<Answer extends object>(answer: Answer): Success<Answer> {
  if (!isErrorAnswer(answer)) return answer as Success<Answer>;
  throw typedError(answer);
}

/** The error for an answer; a type that is newer than this SDK becomes a plain {@link TypedError}. */
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
