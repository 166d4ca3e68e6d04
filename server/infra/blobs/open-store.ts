import { join } from "node:path";
import { StartupError } from "../../kernel/startup-error.ts";
import type { BlobStore } from "./blob-store.ts";
import { makeDiskStore } from "./disk.ts";
import { makeS3Store } from "./s3.ts";

/** The settings that decide where files are kept. */
export interface BlobSettings {
  PARLEY_DATA: string;
  FILES_DIR?: string | undefined;
  S3_ENDPOINT?: string | undefined;
  S3_BUCKET?: string | undefined;
  S3_REGION: string;
  S3_ACCESS_KEY_ID?: string | undefined;
  S3_SECRET_ACCESS_KEY?: string | undefined;
  S3_PREFIX: string;
}

/**
 * The store that the settings ask for. Nothing is opened before the first use.
 *
 * @throws StartupError when a setting for S3 is missing
 */
export function openBlobStore(settings: BlobSettings): BlobStore {
  const { S3_ENDPOINT: endpoint, S3_BUCKET: bucket } = settings;
  const { S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey } = settings;
  if (endpoint === undefined) {
    return makeDiskStore(settings.FILES_DIR ?? join(settings.PARLEY_DATA, "files"));
  }
  if (bucket === undefined || accessKeyId === undefined || secretAccessKey === undefined) {
    throw new StartupError(
      "S3_ENDPOINT is set, but not all that it needs",
      "Set S3_BUCKET, S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY, or leave S3_ENDPOINT out",
    );
  }
  const { S3_REGION: region, S3_PREFIX: prefix } = settings;
  return makeS3Store({ endpoint, bucket, region, accessKeyId, secretAccessKey, prefix });
}
