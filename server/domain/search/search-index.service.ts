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

/** How long changes are collected before they are indexed, in milliseconds. */
const BATCH_DELAY_MS = 250;
/** The same under constant load: each step briefly delays senders, however small it is. */
const BUSY_BATCH_DELAY_MS = 1_000;
/** How long an instance keeps the lease without renewing it, in milliseconds. */
const LEASE_MS = 5_000;
/** Pause after a step, as a multiple of the step's duration. */
const REST = 7;
/** Maximum pause in milliseconds: a longer step was mostly waiting, not working. */
const REST_MAX_MS = 1_000;

/**
 * Keeps the search index slightly behind the log, on one instance at a time. Each step advances the
 * indexed position and writes its entries in one statement, and only if no other instance has advanced
 * it. No message is thus skipped or indexed in an outdated state, whichever instance crashes.
 */
export interface SearchIndexService {
  start(): void;
  /** Stops after the running step. */
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

  /** Computes one step and whether it is the last; null if nothing is left to do. */
  const stepFrom = async (from: IndexState): Promise<(IndexStep & { isLast: boolean }) | null> => {
    if (from.filledTo !== null) {
      const messages = await store.messagesAfter(from.filledTo);
      const to = { ...from, filledTo: messages.at(-1)?.id ?? null };
      return { ...stepOf(from, to, messages), isLast: false };
    }
    const { position, messages } = await store.changedAfter(from.position);
    if (position === from.position) return null;
    // Later events cause a notification and are collected again.
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
        // The lease holder does the work, or its lease will have expired.
        wake(LEASE_MS);
        return;
      }
      if (state.filledTo === NIL_UUID) logger.info("Search is reindexing all messages");
      const step = await stepFrom(state);
      if (step === null) return;
      // If another instance advanced the position, the lease is claimed again.
      state = (await store.take(step, RULES_VERSION, step.isLast)) ? step.to : null;
      if (state !== null && step.isLast) return;
      // Sending has priority: the indexer uses at most an eighth of the time.
      const pauseMs = Math.min(REST * (performance.now() - began), REST_MAX_MS);
      await delay(pauseMs, undefined, { signal: stopping.signal });
    }
  };

  const run = async (): Promise<void> => {
    try {
      await follow();
      isFailing = false;
    } catch (error) {
      // An error caused by the stop is not a failure.
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
        wake(BATCH_DELAY_MS);
        return;
      }
      lastBegin = performance.now();
      running = run();
    }, delayMs);
  };

  return {
    start: () => {
      log.observe(() => {
        // The timer is usually already set, so the time need not be read.
        if (timer !== undefined) return;
        wake(Math.max(BATCH_DELAY_MS, lastBegin + BUSY_BATCH_DELAY_MS - performance.now()));
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
    deletedIds: messages.filter(({ isSearched }) => !isSearched).map(({ id }) => id),
  };
}
