import { randomUUID } from "node:crypto";
import { payload } from "../kit/client.ts";
import type { ChatMessage, SendMessageResult } from "../kit/documents.ts";
import { eventually } from "../kit/eventually.ts";

const ANSWER_LIMIT_MS = 40_000;

/** Attempts one send; throws without a response. */
export type TrySend = (input: Record<string, unknown>) => Promise<SendMessageResult>;

/** An acknowledged message and its number of attempts. */
export interface Acknowledged {
  message: ChatMessage;
  cursor: string;
  tries: number;
}

/**
 * Sends a message with one `clientId` until there is a response, like a careful client.
 *
 * @param attempt makes one attempt; it may use another way each time
 */
export async function sendUntilAnswered(
  attempt: TrySend,
  conversationId: string,
  body: string,
): Promise<Acknowledged> {
  const input = { conversationId, body, clientId: randomUUID() };
  let tries = 0;
  const { sentMessage, cursor } = await eventually(
    async () => {
      tries += 1;
      return payload(await attempt(input));
    },
    { timeoutMs: ANSWER_LIMIT_MS, what: `an answer to "${body}"` },
  );
  return { message: sentMessage, cursor, tries };
}

/**
 * Processes items with several parallel workers.
 *
 * @param each processes an item; receives the worker's number, from 0
 */
export async function inParallel<T>(
  items: Iterable<T>,
  workers: number,
  each: (item: T, worker: number) => Promise<void>,
): Promise<void> {
  const shared = items[Symbol.iterator]();
  const rest = { [Symbol.iterator]: () => shared };
  await Promise.all(
    Array.from({ length: workers }, async (_, worker) => {
      for (const item of rest) await each(item, worker);
    }),
  );
}
