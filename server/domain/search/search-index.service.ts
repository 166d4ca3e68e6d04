import { setTimeout as delay } from "node:timers/promises";
import { NIL_UUID } from "../../kernel/ids.ts";
import type { Logger } from "../../kernel/logger.ts";
import type { Log } from "../../log/log.ts";
import { isTransient } from "../../log/transient-error.ts";
import { toIndexEntry, RULES_VERSION, type IndexedRow } from "./index-entry.ts";
import {
  STEP_SIZE,
  type IndexState,
  type IndexStep,
  type SearchIndexStore,
} from "./search-index.store.ts";

/** How long changes are gathered before they are indexed, in milliseconds. */
const GATHER_MS = 250;
/** The same while one follows the other: each time costs those who talk a moment, however little there is to do. */
const BUSY_GATHER_MS = 1_000;
/** How long an instance keeps the work without a sign of life, in milliseconds. */
const LEASE_MS = 5_000;
/** How much longer than a step it rests after it. */
const REST = 7;
/** Longest that it rests, in milliseconds: a step that took so long has waited for something rather than worked. */
const REST_MAX_MS = 1_000;

/**
 * Keeps the index of messages a moment behind the log, on one instance at a time. A step moves the
 * place that is reached and writes the entries in one statement, if nobody else has moved it; so
 * nothing is left out or older than its place, whoever crashes or comes back when.
 */
export interface SearchIndexService {
  start(): void;
  /** Ends after the step that is under way. */
  stop(): Promise<void>;
}

export interface SearchIndexServiceOptions {
  store: SearchIndexStore;
  log: Log;
  logger: Logger;
  instanceId: string;
}

export function makeSearchIndexService({
  store,
  log,
  logger,
  instanceId,
}: SearchIndexServiceOptions): SearchIndexService {
  let running: Promise<void> | null = null;
  let timer: NodeJS.Timeout | undefined;
  const stopping = new AbortController();
  let isFailing = false;
  let lastBegin = -Infinity;

  /** One step, and whether there is none after it; null when there is nothing left to do. */
  const stepFrom = async (from: IndexState): Promise<(IndexStep & { isLast: boolean }) | null> => {
    if (from.filledTo !== null) {
      const messages = await store.messagesAfter(from.filledTo);
      const to = { ...from, filledTo: messages.at(-1)?.id ?? null };
      return { ...stepOf(from, to, messages), isLast: false };
    }
    const { position, messages } = await store.changedAfter(from.position);
    if (position === from.position) return null;
    // What comes from now on is heard of, and is gathered again.
    const isLast = position < from.position + STEP_SIZE;
    return { ...stepOf(from, { ...from, position }, messages), isLast };
  };

  const follow = async (): Promise<void> => {
    let state: IndexState | null = null;
    let heldUntil = 0;
    for (;;) {
      if (stopping.signal.aborted) return;
      const began = performance.now();
      if (state === null || began > heldUntil) {
        heldUntil = began + LEASE_MS / 2;
        state = await store.claim(instanceId, RULES_VERSION, LEASE_MS);
      }
      if (state === null) {
        // Whoever has it does it, or is gone by then.
        wake(LEASE_MS);
        return;
      }
      if (state.filledTo === NIL_UUID) logger.info("All messages are being read for the search");
      const step = await stepFrom(state);
      if (step === null) return;
      // Where somebody else has moved it, it is asked anew whose work it is.
      state = (await store.take(step, RULES_VERSION, step.isLast)) ? step.to : null;
      if (state !== null && step.isLast) return;
      // Sending comes first: of the time, the index takes an eighth at most.
      const pauseMs = Math.min(REST * (performance.now() - began), REST_MAX_MS);
      await delay(pauseMs, undefined, { signal: stopping.signal });
    }
  };

  const run = async (): Promise<void> => {
    try {
      await follow();
      isFailing = false;
    } catch (error) {
      // What the stop interrupted is no failure.
      if (stopping.signal.aborted) return;
      if (!isFailing) {
        const level = isTransient(error) ? "warn" : "error";
        logger[level](
          { err: error },
          "The search cannot follow the log; trying again until it can",
        );
      }
      isFailing = true;
      wake(LEASE_MS);
    } finally {
      running = null;
    }
  };

  const wake = (delayMs: number): void => {
    if (stopping.signal.aborted || timer !== undefined) return;
    timer = setTimeout(() => {
      timer = undefined;
      if (running !== null) {
        wake(GATHER_MS);
        return;
      }
      lastBegin = performance.now();
      running = run();
    }, delayMs);
  };

  return {
    start: () => {
      log.observe(() => {
        // For most events it is awaited already, and the time need not be asked for.
        if (timer !== undefined) return;
        wake(Math.max(GATHER_MS, lastBegin + BUSY_GATHER_MS - performance.now()));
      });
      wake(0);
    },
    stop: async () => {
      stopping.abort();
      clearTimeout(timer);
      await running;
    },
  };
}

function stepOf(from: IndexState, to: IndexState, messages: readonly IndexedRow[]): IndexStep {
  return {
    from,
    to,
    entries: messages.filter(({ isSearched }) => isSearched).map(toIndexEntry),
    gone: messages.filter(({ isSearched }) => !isSearched).map(({ id }) => id),
  };
}
