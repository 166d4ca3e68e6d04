/** Gathers bytes as they come, and gives them away in pieces of any size. */
export class PartBuffer {
  #chunks: Uint8Array[] = [];
  #length = 0;

  /** Bytes that it holds. */
  get length(): number {
    return this.#length;
  }

  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
  }

  /** Takes out the first bytes: `size` of them, or all that there are. */
  take(size: number): Buffer {
    const all = Buffer.concat(this.#chunks, this.#length);
    const taken = all.subarray(0, size);
    const rest = all.subarray(size);
    this.#chunks = rest.length === 0 ? [] : [rest];
    this.#length = rest.length;
    return taken;
  }
}
