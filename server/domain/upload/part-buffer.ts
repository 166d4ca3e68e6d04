/** Buffers incoming bytes and returns them in pieces of any size. */
export class PartBuffer {
  #chunks: Uint8Array[] = [];
  #length = 0;

  /** Number of buffered bytes. */
  get length(): number {
    return this.#length;
  }

  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
  }

  /** Removes and returns the first `size` bytes, or all if there are fewer. */
  take(size: number): Buffer {
    const all = Buffer.concat(this.#chunks, this.#length);
    const taken = all.subarray(0, size);
    const rest = all.subarray(size);
    this.#chunks = rest.length === 0 ? [] : [rest];
    this.#length = rest.length;
    return taken;
  }
}
