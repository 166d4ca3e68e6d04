import { S3mini, S3ServiceError } from "s3mini";
import { BlobMissingError, type BlobStore } from "./blob-store.ts";

export interface S3Options {
  /** `https://host` of the service, without the bucket. */
  endpoint: string;
  bucket: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
  /** What the keys of all objects begin with; may be empty. */
  prefix: string;
}

const TIMEOUT_MS = 30_000;
const ATTEMPTS = 3;
const RETRY_DELAY_MS = 200;
/** Most keys that S3 lists at once. */
const PAGE = 1_000;
const MARK = "owner";

/** Blobs as objects `<prefix>files/<folder>/<name>` of a bucket of any S3-compatible service. */
export function makeS3Store(options: S3Options): BlobStore {
  const { endpoint, bucket, prefix, ...access } = options;
  const s3 = new S3mini({
    ...access,
    // The bucket in the path: not every service resolves one in front of its name.
    endpoint: `${endpoint.replace(/\/+$/, "")}/${bucket}`,
    requestAbortTimeout: TIMEOUT_MS,
  });
  const root = `${prefix}files/`;
  const keyOf = (folder: string, name: string): string => `${root}${folder}/${name}`;

  const page = async (
    under: string,
    token?: string,
  ): Promise<{ keys: string[]; next: string | undefined }> => {
    const found = await persistently(() => s3.listObjectsPaged("/", under, PAGE, token));
    if (!found) throw new Error(`The bucket ${bucket} does not exist`);
    const keys = (found.objects ?? []).map(({ Key }) => Key);
    return { keys, next: found.nextContinuationToken };
  };
  const list = async (folder: string): Promise<string[]> => {
    const under = keyOf(folder, "");
    const names: string[] = [];
    for (let next: string | undefined; ;) {
      const found = await page(under, next);
      names.push(...found.keys.map((key) => key.slice(under.length)));
      next = found.next;
      if (next === undefined) return names;
    }
  };

  return {
    put: async (folder, name, bytes) => {
      await persistently(() => s3.putObject(keyOf(folder, name), bytes));
    },
    read: (folder, name, from, to) =>
      persistently(async () => {
        try {
          const response = await s3.getObjectRaw(keyOf(folder, name), false, from, to);
          return new Uint8Array(await response.arrayBuffer());
        } catch (error) {
          throw isMissing(error) ? new BlobMissingError(folder, name) : error;
        }
      }),
    list,
    remove: async (folder, names) => {
      for (const name of names) {
        await persistently(async () => {
          try {
            await s3.deleteObject(keyOf(folder, name));
          } catch (error) {
            if (!isMissing(error)) throw error;
          }
        });
      }
    },
    folders: async function* () {
      for (let next: string | undefined; ;) {
        const found = await page(root, next);
        const folders = found.keys.map((key) => key.slice(root.length).split("/", 1)[0] ?? "");
        yield [...new Set(folders)];
        next = found.next;
        if (next === undefined) return;
      }
    },
    readMark: () => persistently(() => s3.getObject(`${prefix}${MARK}`)),
    writeMark: async (text) => {
      await persistently(() => s3.putObject(`${prefix}${MARK}`, text));
    },
  };
}

function isMissing(error: unknown): boolean {
  return error instanceof S3ServiceError && error.status === 404;
}

/** Every request may be repeated: an object is always written with the same bytes. */
async function persistently<T>(request: () => Promise<T>): Promise<T> {
  for (let left = ATTEMPTS - 1; ; left -= 1) {
    try {
      return await request();
    } catch (error) {
      const refused = error instanceof S3ServiceError && error.status < 500 && error.status !== 429;
      if (left === 0 || refused || error instanceof BlobMissingError) throw error;
      await new Promise((resolve) => setTimeout(resolve, RETRY_DELAY_MS));
    }
  }
}
