import { mkdir, open, readdir, readFile, rename, rm, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { newId } from "../../kernel/ids.ts";
import { BlobMissingError, type BlobStore } from "./blob-store.ts";

const MARK = "owner";
/** Suffix of files that are still being written. */
const UNFINISHED = ".part";

/**
 * Stores blobs below a folder: `<last two digits of the folder's name>/<folder>/<name>`, so that no
 * directory grows too large. Several instances may share it over a network file system.
 *
 * @param root created on first use
 */
export function makeDiskStore(root: string): BlobStore {
  const pathOf = (folder: string): string => join(root, folder.slice(-2), folder);

  const write = async (path: string, bytes: Uint8Array): Promise<void> => {
    const temporary = `${path}.${newId()}${UNFINISHED}`;
    const file = await open(temporary, "wx", 0o600);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncFolder(dirname(path));
  };

  return {
    put: async (folder, name, bytes) => {
      const path = pathOf(folder);
      const made = await mkdir(path, { recursive: true, mode: 0o700 });
      await write(join(path, name), bytes);
      // A new folder is durable only after its parents are synced.
      if (made !== undefined) for (const above of [dirname(path), root]) await syncFolder(above);
    },
    read: async (folder, name, from, to) => {
      const file = await open(join(pathOf(folder), name)).catch((error: unknown) => {
        throw isMissing(error) ? new BlobMissingError(folder, name) : error;
      });
      try {
        const bytes = Buffer.allocUnsafe(to - from);
        const { bytesRead } = await file.read(bytes, 0, bytes.length, from);
        return bytes.subarray(0, bytesRead);
      } finally {
        await file.close();
      }
    },
    list: (folder) => entries(pathOf(folder)),
    remove: async (folder, names) => {
      for (const name of names) await rm(join(pathOf(folder), name), { force: true });
      // Fails while the folder contains other files.
      await rmdir(pathOf(folder)).catch(() => undefined);
    },
    folders: async function* () {
      for (const shard of await entries(root)) {
        if (shard.length === 2) yield await entries(join(root, shard));
      }
    },
    readMark: async () => {
      try {
        return await readFile(join(root, MARK), "utf8");
      } catch (error) {
        if (isMissing(error)) return null;
        throw error;
      }
    },
    writeMark: async (text) => {
      await mkdir(root, { recursive: true, mode: 0o700 });
      await write(join(root, MARK), Buffer.from(text));
    },
  };
}

async function entries(path: string): Promise<string[]> {
  try {
    return (await readdir(path)).sort();
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
