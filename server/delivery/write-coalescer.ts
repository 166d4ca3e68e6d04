import { FrameTemplate, type Frame } from "./frame.ts";

/** A frame for one receiver, with the encoded id of its operation. */
export interface AddressedFrame {
  readonly frame: Frame;
  readonly id: string;
}

const NOTHING: readonly AddressedFrame[] = [];
const NO_BYTES = Buffer.alloc(0);

/**
 * Concatenates frames into the bytes of one write. Members of the same room receive the same frames in
 * the same turn, so the bytes are built once. The next receiver reuses them if its ids are equal;
 * otherwise it gets a copy with its own ids.
 */
export class WriteCoalescer {
  #frames = NOTHING;
  #bytes = NO_BYTES;

  /**
   * Returns the bytes, which several receivers may share, so callers must not write into them.
   *
   * @param frames must not change afterwards
   * @param length total bytes of all frames
   */
  bytesOf(frames: readonly AddressedFrame[], length: number): Buffer {
    const [only] = frames;
    if (frames.length === 1 && only?.frame instanceof FrameTemplate)
      return only.frame.bytesFor(only.id);
    if (!haveEqualFrames(frames, this.#frames)) return this.#put(frames, length);
    if (haveEqualIds(frames, this.#frames)) return this.#bytes;
    const bytes = Buffer.allocUnsafe(length);
    bytes.set(this.#bytes);
    let offset = 0;
    for (const { frame, id } of frames) {
      for (const at of frame.idsAt) bytes.write(id, offset + at, "latin1");
      offset += frame.length;
    }
    return bytes;
  }

  /** Drops the cached bytes. Must be called at the end of a turn. */
  forget(): void {
    this.#frames = NOTHING;
    this.#bytes = NO_BYTES;
  }

  #put(frames: readonly AddressedFrame[], length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    let offset = 0;
    let isForMany = true;
    for (const { frame, id } of frames) {
      offset = frame.writeTo(bytes, offset, id);
      isForMany &&= frame.idsAt.length > 0;
    }
    // A response has one receiver. The frames before it may be the same for the next receiver.
    if (isForMany) {
      this.#frames = frames;
      this.#bytes = bytes;
    }
    return bytes;
  }
}

function haveEqualFrames(
  frames: readonly AddressedFrame[],
  others: readonly AddressedFrame[],
): boolean {
  if (frames.length !== others.length) return false;
  for (let index = 0; index < frames.length; index += 1)
    if (frames[index]?.frame !== others[index]?.frame) return false;
  return true;
}

/** Whether equal frames also have equal ids, which are then equally long. */
function haveEqualIds(
  frames: readonly AddressedFrame[],
  others: readonly AddressedFrame[],
): boolean {
  for (let index = 0; index < frames.length; index += 1)
    if (frames[index]?.id !== others[index]?.id) return false;
  return true;
}
