import { join } from "node:path";
import { StartupError } from "../../kernel/startup-error.ts";
import type { BlobStore } from "./blob-store.ts";
import { makeDiskStore } from "./disk.ts";
import { makeS3Store } from "./s3.ts";

/** The settings that select the blob store. */
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
 * Opens the configured blob store. It connects on first use.
 *
 * @throws StartupError if a setting for S3 is missing
 */
export function openBlobStore(settings: BlobSettings): BlobStore {
  const { S3_ENDPOINT: endpoint, S3_BUCKET: bucket } = settings;
  const { S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey } = settings;
  if (endpoint === undefined) {
    return makeDiskStore(settings.FILES_DIR ?? join(settings.PARLEY_DATA, "files"));
  }
  if (bucket === undefined || accessKeyId === undefined || secretAccessKey === undefined) {
    throw new StartupError(
      "S3_ENDPOINT is set, but some of its settings are missing",
      "Set S3_BUCKET, S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY, or remove S3_ENDPOINT",
    );
  }
  const { S3_REGION: region, S3_PREFIX: prefix } = settings;
  return makeS3Store({ endpoint, bucket, region, accessKeyId, secretAccessKey, prefix });
}
