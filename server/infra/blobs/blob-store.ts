/** The requested blob does not exist. */
export class BlobMissingError extends Error {
  constructor(folder: string, name: string) {
    super(`The blob ${folder}/${name} is missing`);
    this.name = "BlobMissingError";
  }
}

/**
 * Stores blobs: up to a few megabytes each, written once under a unique name and never changed. Names and
 * folders are UUIDs, so user input never becomes part of a path. One folder holds the blobs of one file.
 * All instances of a deployment share the store.
 */
export interface BlobStore {
  /** Resolves when the bytes are durable. */
  put(folder: string, name: string, bytes: Uint8Array): Promise<void>;
  /**
   * Reads the bytes from `from` to `to` (exclusive).
   *
   * @throws BlobMissingError
   */
  read(folder: string, name: string, from: number, to: number): Promise<Uint8Array>;
  /** Lists the names in a folder; empty if the folder does not exist. */
  list(folder: string): Promise<string[]>;
  /** Removes blobs and ignores missing ones. */
  remove(folder: string, names: readonly string[]): Promise<void>;
  /** Lists all folders in pages; a folder may occur more than once. */
  folders(): AsyncIterable<string[]>;
  /** Reads the mark of the store's owner; null if there is none. */
  readMark(): Promise<string | null>;
  writeMark(text: string): Promise<void>;
}
