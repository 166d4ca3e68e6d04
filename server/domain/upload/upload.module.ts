import { openBlobStore } from "../../infra/blobs/open-store.ts";
import { detectType } from "../../infra/file-types.ts";
import { makeImages } from "../../infra/images.ts";
import { defineModule, type ModuleContext } from "../../module.ts";
import { makeDownloadService, type DownloadService } from "./download.service.ts";
import { makeAcceptService } from "./accept.service.ts";
import { makeFinishService } from "./finish.service.ts";
import { makePartService } from "./part.service.ts";
import { makeReceiveService, type ReceiveService } from "./receive.service.ts";
import { makeUploadService, type UploadService } from "./upload.service.ts";
import { makeSecretStore } from "./secret.store.ts";
import { makeSweepService } from "./sweep.service.ts";
import { makeUploadStore } from "./upload.store.ts";
import "./upload.schema.ts";
import "./attachment.schema.ts";
import "./upload-errors.schema.ts";

declare module "../../graphql/services.ts" {
  interface Services {
    uploads: UploadService;
    receiving: ReceiveService;
    downloads: DownloadService;
  }
}

declare module "../../infra/rate-limits.ts" {
  interface SharedLimits {
    UPLOAD: true;
  }
}

const MINUTE_MS = 60_000;

export const uploadModule = defineModule({
  name: "upload",
  create: ({ config, database, log, clock, logger, rates }: ModuleContext) => {
    const blobs = openBlobStore(config);
    const store = makeUploadStore(database);
    const secrets = makeSecretStore(database);
    const uploads = makeUploadService({
      store,
      clock,
      limits: {
        fileBytes: config.FILE_MAX_BYTES,
        pictureBytes: Math.min(config.PICTURE_MAX_BYTES, config.FILE_MAX_BYTES),
        ticketMs: config.UPLOAD_TICKET_MINUTES * MINUTE_MS,
      },
      rates,
    });
    const images = makeImages({
      pixels: config.PICTURE_MAX_PIXELS,
      concurrency: config.IMAGE_CONCURRENCY,
      queue: config.IMAGE_QUEUE,
    });
    const parts = makePartService({ store, blobs, logger });
    const accept = makeAcceptService({
      images,
      allowedTypes: config.FILE_TYPES,
      pictureBytes: uploads.limits.pictureBytes,
    });
    const keepMs = config.UPLOAD_KEEP_MINUTES * MINUTE_MS;
    const finishing = makeFinishService({
      store,
      parts,
      accept,
      images,
      detectType,
      clock,
      keepMs,
    });
    const receiving = makeReceiveService({ store, parts, accept, finishing, detectType, clock });
    const fileLinkSecret = config.FILE_LINK_SECRET;
    const downloads = makeDownloadService({
      store,
      blobs,
      clock,
      key: () =>
        fileLinkSecret === undefined
          ? secrets.get("file-links")
          : Promise.resolve(Buffer.from(fileLinkSecret)),
      linkMs: config.FILE_LINK_MINUTES * MINUTE_MS,
    });
    const sweep = makeSweepService({
      store,
      blobs,
      log,
      clock,
      logger,
      intervalMs: config.UPLOAD_SWEEP_SECONDS * 1_000,
      deployment: async () => Buffer.from(await secrets.get("deployment")).toString("hex"),
    });
    return {
      services: { uploads, receiving, downloads },
      exportSections: [uploads.exportSection],
      eraseUser: uploads.eraseUser,
      startBackground: sweep.start,
      stopAfterLog: sweep.stop,
    };
  },
});
