/** A blob that was asked for is not there. */
export class BlobMissingError extends Error {
  constructor(folder: string, name: string) {
    super(`The blob ${folder}/${name} is missing`);
    this.name = "BlobMissingError";
  }
}

/**
 * Keeps blobs: bytes of a few megabytes at most, written whole under a name that is used once and never
 * changed. Names and folders are UUIDs, so nothing that a person chose reaches a path. What one file
 * is made of lies in one folder. All instances of a deployment use the same store.
 */
export interface BlobStore {
  /** Resolves when the bytes are there to stay. */
  put(folder: string, name: string, bytes: Uint8Array): Promise<void>;
  /**
   * Reads the bytes from `from` up to but without `to`.
   *
   * @throws BlobMissingError
   */
  read(folder: string, name: string, from: number, to: number): Promise<Uint8Array>;
  /** The names in a folder; none when there is no such folder. */
  list(folder: string): Promise<string[]>;
  /** Removes blobs; those that are gone are no failure. */
  remove(folder: string, names: readonly string[]): Promise<void>;
  /** All folders, in pages, each folder perhaps more than once. */
  folders(): AsyncIterable<string[]>;
  /** The text that marks whose store this is; null when it bears no mark. */
  readMark(): Promise<string | null>;
  writeMark(text: string): Promise<void>;
}
