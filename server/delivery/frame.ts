/** First byte of an unfragmented text frame, RFC 6455 section 5.2. */
const TEXT_FRAME = 0x81;

const HEAD = Buffer.from('{"id":"');
const MIDDLE = Buffer.from('","type":"next","payload":');
const TAIL = Buffer.from("}");

/**
 * The id of an operation as it stands in a message: what is between the quotes of a JSON string, in ASCII,
 * so that it has as many bytes as characters. Most ids stay as they are, and are not held twice.
 */
export function encodeOperationId(id: string): string {
  const encoded = JSON.stringify(id)
    .slice(1, -1)
    .replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return encoded === id ? id : encoded;
}

/** Whole WebSocket frames, ready but for an operation's id, which stands once in each. */
export interface Frame {
  /** Bytes, the id's included. */
  readonly length: number;
  /** Where in it the operation's id stands; nowhere, where it has none of its own to put in. */
  readonly idsAt: readonly number[];
  /** Writes the frames for one operation into `target` at `offset`; answers where it ends. */
  writeTo(target: Buffer, offset: number, id: string): number;
}

const NOWHERE: readonly number[] = [];

/** A text message as one whole WebSocket frame, which names its operation itself. */
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
 * `next` messages of graphql-transport-ws as whole WebSocket frames, with room for an operation's id: made
 * once for all operations whose ids have the same length.
 */
export class FrameTemplate implements Frame {
  readonly idsAt: readonly number[];
  readonly #bytes: Buffer;
  /** The bytes for the operation that asked last. */
  #latest: { id: string; bytes: Buffer } | null = null;

  private constructor(bytes: Buffer, idsAt: readonly number[]) {
    this.#bytes = bytes;
    this.idsAt = idsAt;
  }

  /**
   * One message.
   *
   * @param payload  the execution result as JSON
   * @param idLength characters of the encoded operation id
   */
  static of(payload: Buffer, idLength: number): FrameTemplate {
    const length = HEAD.length + idLength + MIDDLE.length + payload.length + TAIL.length;
    const header = Buffer.allocUnsafe(headerLength(length));
    writeHeader(header, 0, length);
    const bytes = Buffer.concat([header, HEAD, Buffer.alloc(idLength), MIDDLE, payload, TAIL]);
    return new FrameTemplate(bytes, [header.length + HEAD.length]);
  }

  /** Several messages for the same operation, one after the other. */
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

  /** The bytes for one operation, which those with the same id share: nobody may write into them. */
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

/** Servers do not mask, so the header is two bytes and the length: 7 bits, 16 or 64. */
function headerLength(length: number): number {
  if (length < 126) return 2;
  return length < 65_536 ? 4 : 10;
}

/** Answers where it ends. */
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
