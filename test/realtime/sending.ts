import { randomUUID } from "node:crypto";
import { payload } from "../kit/client.ts";
import type { ChatMessage, SendMessageResult } from "../kit/documents.ts";
import { eventually } from "../kit/eventually.ts";

const ANSWER_LIMIT_MS = 40_000;

/** One try to send; throws when it stays unanswered. */
export type TrySend = (input: Record<string, unknown>) => Promise<SendMessageResult>;

/** A message that the server has acknowledged, and how often it had to be sent for that. */
export interface Acknowledged {
  message: ChatMessage;
  cursor: string;
  tries: number;
}

/**
 * Sends a message until it is answered, every time with the same `clientId`, as a careful client does.
 *
 * @param attempt makes one try; it may choose another way for each
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
 * Works through items with several workers at once, each item taken by whoever is free.
 *
 * @param each what to do with an item; gets the worker's number, from 0
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
