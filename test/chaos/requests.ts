import type { Message } from "../../sdk/src/index.ts";
import type { SendMessageResult, TypedError } from "../kit/documents.ts";
import { positionOf, rawId } from "./wire.ts";

/** A message as its acknowledgement tells of it. */
export interface SentMessage {
  id: string;
  message: string;
  seq: number;
  /** Where it stands in the log; the SDK does not tell. */
  position?: number;
}

/** Why a request was not done, or that nobody knows whether it was. */
export class Refusal extends Error {
  /** A code of docs/PROTOCOL.md; `NETWORK` when no server answered, `NO_ANSWER` when that took too long. */
  readonly code: string;
  /** Whether a server said that trying again can help. */
  readonly retryable: boolean;

  constructor(code: string, retryable: boolean, message: string) {
    super(message);
    this.name = "Refusal";
    this.code = code;
    this.retryable = retryable;
  }
}

/** What may be gone at the next try. */
const PASSING = new Set([
  "NETWORK",
  "NO_ANSWER",
  "UNAVAILABLE",
  "OVERLOADED",
  "RATE_LIMITED",
  "INTERNAL_SERVER_ERROR",
]);
/** Longest that anything may stay unanswered, in milliseconds. */
const ANSWER_LIMIT_MS = 20_000;

/** Whether trying again can help. */
export function isPassing(refusal: Refusal): boolean {
  return PASSING.has(refusal.code);
}

/** Makes a Refusal of whatever a try fails with, also of an answer that does not come. */
export async function refusalOf<T>(attempt: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Refusal("NO_ANSWER", false, `nothing in ${ANSWER_LIMIT_MS} ms`));
    }, ANSWER_LIMIT_MS);
  });
  try {
    return await Promise.race([attempt(), late]);
  } catch (error) {
    if (error instanceof Refusal) throw error;
    const text = error instanceof Error ? error.message : String(error);
    // The kit's clients put the errors of an answer into the message.
    const code = /"code":"([A-Z_]+)"/.exec(text)?.[1];
    throw new Refusal(code ?? "NETWORK", text.includes('"retryAfterMs"'), text);
  } finally {
    clearTimeout(timer);
  }
}

/** The payload of a mutation. @throws Refusal for a typed error */
export function done<T extends { __typename: string }>(result: T): Exclude<T, TypedError> {
  if ("code" in result) {
    const { code, message, retryAfterMs } = result as unknown as TypedError;
    throw new Refusal(code, retryAfterMs !== undefined, message);
  }
  return result as Exclude<T, TypedError>;
}

/** What an acknowledgement tells. @throws Refusal for a typed error */
export function sent(answer: SendMessageResult): SentMessage {
  const { sentMessage, cursor } = done(answer);
  return { ...sentBySdk(sentMessage), position: positionOf(cursor) };
}

/** The same of the SDK, which hands out the message alone. */
export function sentBySdk({ id, seq }: Pick<Message, "id" | "seq">): SentMessage {
  return { id, message: rawId(id), seq };
}
