import { makeReceiveService } from "../domain/upload/receive.service.ts";
import { makeSecretStore, type SecretStore } from "../domain/upload/secret.store.ts";
import { makeSweepService, type SweepService } from "../domain/upload/sweep.service.ts";
import { makeUploadService } from "../domain/upload/upload.service.ts";
import { makeUploadStore, type UploadStore } from "../domain/upload/upload.store.ts";
import { openBlobStore } from "../infra/blobs/open-store.ts";
import { detectType } from "../infra/file-types.ts";
import { makeImages } from "../infra/images.ts";
import type { BlobStore } from "../infra/blobs/blob-store.ts";
import type { Services } from "../graphql/services.ts";
import type { Parts } from "./parts.ts";
import type { Foundation } from "./foundation.ts";

const MINUTE_MS = 60_000;

/** Files: where they are kept, taken in and tidied away. */
export interface Files extends Pick<Services, "uploads" | "receiving"> {
  sweep: SweepService;
  blobs: BlobStore;
  uploadStore: UploadStore;
  secrets: SecretStore;
}

export interface FilesOptions {
  parts: Parts;
  made: Foundation;
}

/** Makes what takes files in, keeps and removes them. */
export function makeFiles({ parts, made }: FilesOptions): Files {
  const { config, database, logger, clock } = parts;
  const { log, rates } = made;

  const blobs = openBlobStore(config);
  const uploadStore = makeUploadStore(database);
  const secrets = makeSecretStore(database);
  const uploads = makeUploadService({
    store: uploadStore,
    clock,
    limits: {
      fileBytes: config.FILE_MAX_BYTES,
      pictureBytes: Math.min(config.PICTURE_MAX_BYTES, config.FILE_MAX_BYTES),
      ticketMs: config.UPLOAD_TICKET_MINUTES * MINUTE_MS,
    },
    rates,
  });
  const receiving = makeReceiveService({
    store: uploadStore,
    blobs,
    images: makeImages({
      pixels: config.PICTURE_MAX_PIXELS,
      concurrency: config.IMAGE_CONCURRENCY,
      queue: config.IMAGE_QUEUE,
    }),
    detectType,
    clock,
    logger,
    allowedTypes: config.FILE_TYPES,
    pictureBytes: uploads.limits.pictureBytes,
    keepMs: config.UPLOAD_KEEP_MINUTES * MINUTE_MS,
  });
  const sweep = makeSweepService({
    store: uploadStore,
    blobs,
    log,
    clock,
    logger,
    intervalMs: config.UPLOAD_SWEEP_SECONDS * 1_000,
    deployment: async () => Buffer.from(await secrets.get("deployment")).toString("hex"),
  });

  return { blobs, uploadStore, secrets, uploads, receiving, sweep };
}
