import type { Message } from "../../sdk/src/index.ts";
import type { SendMessageResult, TypedError } from "../kit/documents.ts";
import { positionOf, rawId } from "./wire.ts";

/** A message as acknowledged. */
export interface SentMessage {
  id: string;
  message: string;
  seq: number;
  /** Its log position; the SDK does not return it. */
  position?: number;
}

/** Why a request failed, or that its outcome is unknown. */
export class Refusal extends Error {
  /** A code of docs/PROTOCOL.md; `NETWORK` if no server responded, `NO_ANSWER` after a timeout. */
  readonly code: string;
  /** Whether a server stated that a retry can help. */
  readonly retryable: boolean;

  constructor(code: string, retryable: boolean, message: string) {
    super(message);
    this.name = "Refusal";
    this.code = code;
    this.retryable = retryable;
  }
}

/** Codes that a retry may resolve. */
const RETRYABLE = new Set([
  "NETWORK",
  "NO_ANSWER",
  "UNAVAILABLE",
  "OVERLOADED",
  "RATE_LIMITED",
  "INTERNAL_SERVER_ERROR",
]);
/** Maximum time to wait for a response, in milliseconds. */
const ANSWER_LIMIT_MS = 20_000;

/** Whether a retry can help. */
export function isRetryable(refusal: Refusal): boolean {
  return RETRYABLE.has(refusal.code);
}

/** Converts any failure of an attempt to a Refusal, including a missing response. */
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
    // The kit's clients put the errors of a response into the message.
    const code = /"code":"([A-Z_]+)"/.exec(text)?.[1];
    throw new Refusal(code ?? "NETWORK", text.includes('"retryAfterMs"'), text);
  } finally {
    clearTimeout(timer);
  }
}

/** Returns the payload of a mutation. @throws Refusal for a typed error */
export function done<T extends { __typename: string }>(result: T): Exclude<T, TypedError> {
  if ("code" in result) {
    const { code, message, retryAfterMs } = result as unknown as TypedError;
    throw new Refusal(code, retryAfterMs !== undefined, message);
  }
  return result as Exclude<T, TypedError>;
}

/** Returns the acknowledged message. @throws Refusal for a typed error */
export function sent(answer: SendMessageResult): SentMessage {
  const { sentMessage, cursor } = done(answer);
  return { ...sentBySdk(sentMessage), position: positionOf(cursor) };
}

/** Converts the result of the SDK, which returns only the message. */
export function sentBySdk({ id, seq }: Pick<Message, "id" | "seq">): SentMessage {
  return { id, message: rawId(id), seq };
}
