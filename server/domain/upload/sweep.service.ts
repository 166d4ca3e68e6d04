import type { BlobStore } from "../../infra/blobs/blob-store.ts";
import type { Clock } from "../../kernel/clock.ts";
import { isUuid } from "../../kernel/ids.ts";
import type { Logger } from "../../kernel/logger.ts";
import type { Log } from "../../log/log.ts";
import { messageDeleted } from "../message/message.events.ts";
import { userChanged, userDeleted } from "../user/user.events.ts";
import type { DueUpload, UploadStore } from "./upload.store.ts";

/** Removes the bytes of unused files, on whichever instance claims them first. */
export interface SweepService {
  start(): void;
  /** Waits for running work. */
  stop(): Promise<void>;
}

export interface SweepOptions {
  store: UploadStore;
  blobs: BlobStore;
  log: Log;
  clock: Clock;
  logger: Logger;
  /** Interval of the checks. */
  intervalMs: number;
  /** Identifies this deployment in its store. */
  deployment: () => Promise<string>;
}

/** Events after which some files may be unused. */
const FREEING_EVENTS = [messageDeleted, userChanged, userDeleted];
const BATCH = 20;
/** When another instance may take over claimed work, in milliseconds. */
const TAKEN_MS = 600_000;
/** Delay after deletions of messages, which are then handled together, in milliseconds. */
const SOON_MS = 500;
/** Interval of the search for stray bytes, and their minimum age, in milliseconds. */
const STRAY_INTERVAL_MS = 21_600_000;
const STRAY_AGE_MS = 86_400_000;

/**
 * Creates the sweep. An upload's row contains its next check time. The first instance to check advances
 * that time in the same statement and does the work; after a crash, the time is reached again. A row is
 * deleted only after its bytes. Bytes without a row arise only if an instance crashes between storing and
 * recording them, or stores them too late; the sweep finds those by listing the store.
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

  /** Removes bytes without a row. Only in a store that belongs to this deployment alone. */
  const removeStray = async (): Promise<void> => {
    const deployment = await options.deployment();
    const mark = await blobs.readMark();
    if (mark === null) await blobs.writeMark(deployment);
    else if (mark !== deployment) {
      logger.warn(
        "The file store belongs to another deployment; files without a row are not removed",
      );
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

  /** The name of a folder is the id of its upload, which starts with its creation time in milliseconds. */
  const isOld = (folder: string): boolean =>
    Number.parseInt(folder.replaceAll("-", "").slice(0, 12), 16) < clock.now() - STRAY_AGE_MS;

  /** Runs tasks one after the other and catches their errors. */
  const run = (work: () => Promise<void>, what: string): void => {
    running = running.then(async () => {
      if (stopping) return;
      await work().catch((error: unknown) => {
        logger.warn({ err: error }, `${what}; trying again`);
      });
    });
  };
  const sweepNow = (): void => {
    run(sweep, "Unused files could not be checked");
  };

  log.observe((event) => {
    if (!FREEING_EVENTS.some((definition) => definition.is(event))) return;
    soon ??= setTimeout(() => {
      soon = null;
      sweepNow();
    }, SOON_MS).unref();
  });

  return {
    start: () => {
      const strays = (): void => {
        run(removeStray, "Stray bytes of files could not be checked");
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
