/** First byte of an unfragmented text frame, RFC 6455 section 5.2. */
const TEXT_FRAME = 0x81;

const HEAD = Buffer.from('{"id":"');
const MIDDLE = Buffer.from('","type":"next","payload":');
const TAIL = Buffer.from("}");

/**
 * Encodes an operation id as the content of a JSON string in ASCII, so that its bytes equal its
 * characters. Most ids need no change, and the original string is reused.
 */
export function encodeOperationId(id: string): string {
  const encoded = JSON.stringify(id)
    .slice(1, -1)
    .replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return encoded === id ? id : encoded;
}

/**
 * One or more complete WebSocket frames. `writeTo` fills in the operation id where frames have a gap for it.
 */
export interface Frame {
  /** Length in bytes, including the id. */
  readonly length: number;
  /** Offsets of the operation ids; empty for frames that name their operation themselves. */
  readonly idsAt: readonly number[];
  /** Writes the frames for one operation into `target` at `offset`. Returns the end offset. */
  writeTo(target: Buffer, offset: number, id: string): number;
}

const NOWHERE: readonly number[] = [];

/** A text message as one complete WebSocket frame that names its operation itself. */
export class TextFrame implements Frame {
  readonly idsAt = NOWHERE;
  readonly length: number;
  readonly #text: string;
  readonly #bytes: number;

  constructor(text: string) {
    this.#text = text;
    this.#bytes = Buffer.byteLength(text);
    this.length = headerLength(this.#bytes) + this.#bytes;
  }

  writeTo(target: Buffer, offset: number): number {
    const begin = writeHeader(target, offset, this.#bytes);
    return begin + target.write(this.#text, begin);
  }
}

/**
 * `next` messages of graphql-transport-ws as complete WebSocket frames with a gap for the operation id.
 * All operations with ids of the same length share one template.
 */
export class FrameTemplate implements Frame {
  readonly idsAt: readonly number[];
  readonly #bytes: Buffer;
  /** The bytes for the most recent operation. */
  #latest: { id: string; bytes: Buffer } | null = null;

  private constructor(bytes: Buffer, idsAt: readonly number[]) {
    this.#bytes = bytes;
    this.idsAt = idsAt;
  }

  /**
   * Creates a template of one message.
   *
   * @param payload the execution result as JSON
   * @param idLength characters of the encoded operation id
   */
  static of(payload: Buffer, idLength: number): FrameTemplate {
    const length = HEAD.length + idLength + MIDDLE.length + payload.length + TAIL.length;
    const header = Buffer.allocUnsafe(headerLength(length));
    writeHeader(header, 0, length);
    const bytes = Buffer.concat([header, HEAD, Buffer.alloc(idLength), MIDDLE, payload, TAIL]);
    return new FrameTemplate(bytes, [header.length + HEAD.length]);
  }

  /** Joins several messages for the same operation. */
  static join(templates: readonly FrameTemplate[]): FrameTemplate {
    const idsAt: number[] = [];
    let offset = 0;
    for (const template of templates) {
      for (const at of template.idsAt) idsAt.push(offset + at);
      offset += template.length;
    }
    return new FrameTemplate(
      Buffer.concat(
        templates.map((template) => template.#bytes),
        offset,
      ),
      idsAt,
    );
  }

  get length(): number {
    return this.#bytes.length;
  }

  /**
   * Returns the bytes for one operation. Operations with the same id share them, so callers must not
   * write into them.
   */
  bytesFor(id: string): Buffer {
    if (this.#latest?.id !== id) {
      const bytes = Buffer.allocUnsafe(this.length);
      this.writeTo(bytes, 0, id);
      this.#latest = { id, bytes };
    }
    return this.#latest.bytes;
  }

  writeTo(target: Buffer, offset: number, id: string): number {
    target.set(this.#bytes, offset);
    for (const at of this.idsAt) target.write(id, offset + at, "latin1");
    return offset + this.#bytes.length;
  }
}

/** Servers do not mask frames. The header is two bytes plus an extended length of 0, 2 or 8 bytes. */
function headerLength(length: number): number {
  if (length < 126) return 2;
  return length < 65_536 ? 4 : 10;
}

/** Writes the header and returns its end offset. */
function writeHeader(target: Buffer, offset: number, length: number): number {
  target[offset] = TEXT_FRAME;
  if (length < 126) {
    target[offset + 1] = length;
    return offset + 2;
  }
  if (length < 65_536) {
    target[offset + 1] = 126;
    return target.writeUInt16BE(length, offset + 2);
  }
  target[offset + 1] = 127;
  return target.writeBigUInt64BE(BigInt(length), offset + 2);
}
