import type { BlobStore } from "../../infra/blobs/blob-store.ts";
import type { Clock } from "../../kernel/clock.ts";
import { isUuid } from "../../kernel/ids.ts";
import type { Logger } from "../../kernel/logger.ts";
import type { Log } from "../../log/log.ts";
import type { DueUpload, UploadStore } from "./upload.store.ts";

/** Removes the bytes of what is not used, on whichever instance comes first. */
export interface SweepService {
  start(): void;
  /** Waits for what is under way. */
  stop(): Promise<void>;
}

export interface SweepOptions {
  store: UploadStore;
  blobs: BlobStore;
  log: Log;
  clock: Clock;
  logger: Logger;
  /** How often is looked whether something is due. */
  intervalMs: number;
  /** Names this deployment in its store. */
  deployment: () => Promise<string>;
}

/** Events after which there may be files that nothing has any more. */
const LETS_GO = new Set(["MESSAGE_DELETED", "USER_CHANGED", "USER_DELETED"]);
const BATCH = 20;
/** After that long another instance may take over what one has begun, in milliseconds. */
const TAKEN_MS = 600_000;
/** Deletions of messages are followed that soon, many at once. */
const SOON_MS = 500;
/** How often bytes that nothing tells of are looked for, and how old they must be, in milliseconds. */
const STRAY_INTERVAL_MS = 21_600_000;
const STRAY_AGE_MS = 86_400_000;

/**
 * An upload's row says when it has to be looked at next. Whoever looks first moves that moment ahead, in
 * one statement, and does the work; after a crash the moment comes again. A row is deleted only after
 * its bytes, so bytes without a row come about only when an instance dies between storing and noting
 * them, or stores them too late; these are found by listing the store.
 */
export function makeSweepService(options: SweepOptions): SweepService {
  const { store, blobs, log, clock, logger } = options;
  const timers: NodeJS.Timeout[] = [];
  let soon: NodeJS.Timeout | null = null;
  let running: Promise<void> = Promise.resolve();
  let stopping = false;

  const handle = async ({ id, state, blobs: own }: DueUpload): Promise<void> => {
    const kept = new Set(state === "USED" ? own : []);
    const names = (await blobs.list(id)).filter((name) => !kept.has(name));
    await blobs.remove(id, names);
    if (state === "USED") await store.settle(id);
    else await store.delete(id);
  };

  const sweep = async (): Promise<void> => {
    for (;;) {
      const now = clock.now();
      const due = await store.due(new Date(now), new Date(now + TAKEN_MS), BATCH);
      for (const upload of due) {
        if (stopping) return;
        await handle(upload).catch((error: unknown) => {
          logger.warn(
            { err: error, upload: upload.id },
            "A file could not be removed; trying later",
          );
        });
      }
      if (due.length < BATCH) return;
    }
  };

  /** Bytes that no row tells of. Only in a store that is this deployment's alone. */
  const removeStray = async (): Promise<void> => {
    const deployment = await options.deployment();
    const mark = await blobs.readMark();
    if (mark === null) await blobs.writeMark(deployment);
    else if (mark !== deployment) {
      logger.warn("The file store belongs to another deployment; nothing in it is tidied up");
      return;
    }
    for await (const folders of blobs.folders()) {
      const old = folders.filter((folder) => isUuid(folder) && isOld(folder));
      const known = await store.known(old);
      for (const folder of old) {
        if (stopping) return;
        if (!known.has(folder)) await blobs.remove(folder, await blobs.list(folder));
      }
    }
  };

  /** A folder has the id of its upload, which begins with the milliseconds of its making. */
  const isOld = (folder: string): boolean =>
    Number.parseInt(folder.replaceAll("-", "").slice(0, 12), 16) < clock.now() - STRAY_AGE_MS;

  /** One after the other, and never a failure. */
  const run = (work: () => Promise<void>, what: string): void => {
    running = running.then(async () => {
      if (stopping) return;
      await work().catch((error: unknown) => {
        logger.warn({ err: error }, `${what}; trying again`);
      });
    });
  };
  const sweepNow = (): void => {
    run(sweep, "Unused files could not be looked for");
  };

  log.observe((event) => {
    if (!LETS_GO.has(event.type)) return;
    soon ??= setTimeout(() => {
      soon = null;
      sweepNow();
    }, SOON_MS).unref();
  });

  return {
    start: () => {
      const strays = (): void => {
        run(removeStray, "Stray bytes of files could not be looked for");
      };
      timers.push(
        setInterval(sweepNow, options.intervalMs).unref(),
        setInterval(strays, STRAY_INTERVAL_MS).unref(),
      );
      sweepNow();
      strays();
    },
    stop: async () => {
      stopping = true;
      for (const timer of timers) clearInterval(timer);
      if (soon !== null) clearTimeout(soon);
      await running;
    },
  };
}
