import { FrameTemplate, type Frame } from "./frame.ts";

/** A frame for one receiver, with the id of its operation, encoded. */
export interface Addressed {
  readonly frame: Frame;
  readonly id: string;
}

const NOTHING: readonly Addressed[] = [];
const NO_BYTES = Buffer.alloc(0);

/**
 * Puts frames together to the bytes of one write. Those who are in the same room are told the same in the
 * same turn, so the bytes are made once: the next receiver gets the same ones where the ids are the same,
 * and else a copy with its own ids.
 */
export class WriteCoalescer {
  #frames = NOTHING;
  #bytes = NO_BYTES;

  /**
   * The bytes may be shared: nobody may write into them.
   *
   * @param frames not to be changed any more
   * @param length bytes of all frames
   */
  bytesOf(frames: readonly Addressed[], length: number): Buffer {
    const [only] = frames;
    if (frames.length === 1 && only?.frame instanceof FrameTemplate)
      return only.frame.bytesFor(only.id);
    if (!isTheSame(frames, this.#frames)) return this.#put(frames, length);
    if (haveTheSameIds(frames, this.#frames)) return this.#bytes;
    const bytes = Buffer.allocUnsafe(length);
    bytes.set(this.#bytes);
    let offset = 0;
    for (const { frame, id } of frames) {
      for (const at of frame.idsAt) bytes.write(id, offset + at, "latin1");
      offset += frame.length;
    }
    return bytes;
  }

  /** Keeps nothing of what was put together. To be called when a turn ends. */
  forget(): void {
    this.#frames = NOTHING;
    this.#bytes = NO_BYTES;
  }

  #put(frames: readonly Addressed[], length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    let offset = 0;
    let isForMany = true;
    for (const { frame, id } of frames) {
      offset = frame.writeTo(bytes, offset, id);
      isForMany &&= frame.idsAt.length > 0;
    }
    // An answer is for one alone: what came before it is what the next receiver may be told, too.
    if (isForMany) {
      this.#frames = frames;
      this.#bytes = bytes;
    }
    return bytes;
  }
}

function isTheSame(frames: readonly Addressed[], others: readonly Addressed[]): boolean {
  if (frames.length !== others.length) return false;
  for (let index = 0; index < frames.length; index += 1)
    if (frames[index]?.frame !== others[index]?.frame) return false;
  return true;
}

/** Whether ids are the same for frames that are the same, whose ids are therefore equally long. */
function haveTheSameIds(frames: readonly Addressed[], others: readonly Addressed[]): boolean {
  for (let index = 0; index < frames.length; index += 1)
    if (frames[index]?.id !== others[index]?.id) return false;
  return true;
}
