/** First byte of an unfragmented text frame, RFC 6455 section 5.2. */
const TEXT_FRAME = 0x81;

const HEAD = Buffer.from('{"id":');
const MIDDLE = Buffer.from(',"type":"next","payload":');
const TAIL = Buffer.from("}");

/** The id of an operation as it stands in a message: a JSON string, as bytes. */
export function encodeOperationId(id: string): Buffer {
  return Buffer.from(JSON.stringify(id));
}

/** Whole WebSocket frames, ready but for an operation's id, which stands once in each. */
export interface Frame {
  /** Bytes, the id's included. */
  readonly length: number;
  /** Where in it the operation's id stands; nowhere, where it has none of its own to put in. */
  readonly idsAt: readonly number[];
  /** Writes the frames for one operation into `target` at `offset`; answers where it ends. */
  writeTo(target: Buffer, offset: number, id: Buffer): number;
}

const NOWHERE: readonly number[] = [];

/** A text message as one whole WebSocket frame, which names its operation itself. */
export class TextFrame implements Frame {
  readonly idsAt = NOWHERE;
  readonly #text: string;
  readonly #bytes: number;
  readonly #header: Buffer;

  constructor(text: string) {
    this.#text = text;
    this.#bytes = Buffer.byteLength(text);
    this.#header = frameHeader(this.#bytes);
  }

  get length(): number {
    return this.#header.length + this.#bytes;
  }

  writeTo(target: Buffer, offset: number): number {
    target.set(this.#header, offset);
    return offset + this.#header.length + target.write(this.#text, offset + this.#header.length);
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
  #latest: { id: Buffer; bytes: Buffer } | null = null;

  private constructor(bytes: Buffer, idsAt: readonly number[]) {
    this.#bytes = bytes;
    this.idsAt = idsAt;
  }

  /**
   * One message.
   *
   * @param payload  the execution result as JSON
   * @param idLength bytes of the encoded operation id
   */
  static of(payload: Buffer, idLength: number): FrameTemplate {
    const length = HEAD.length + idLength + MIDDLE.length + payload.length + TAIL.length;
    const header = frameHeader(length);
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
  bytesFor(id: Buffer): Buffer {
    if (this.#latest?.id.equals(id) !== true) {
      const bytes = Buffer.allocUnsafe(this.length);
      this.writeTo(bytes, 0, id);
      this.#latest = { id, bytes };
    }
    return this.#latest.bytes;
  }

  writeTo(target: Buffer, offset: number, id: Buffer): number {
    target.set(this.#bytes, offset);
    for (const at of this.idsAt) target.set(id, offset + at);
    return offset + this.#bytes.length;
  }
}

/** Servers do not mask, so the header is two bytes and the length: 7 bits, 16 or 64. */
function frameHeader(length: number): Buffer {
  if (length < 126) return Buffer.from([TEXT_FRAME, length]);
  if (length < 65_536) {
    const header = Buffer.from([TEXT_FRAME, 126, 0, 0]);
    header.writeUInt16BE(length, 2);
    return header;
  }
  const header = Buffer.from([TEXT_FRAME, 127, 0, 0, 0, 0, 0, 0, 0, 0]);
  header.writeBigUInt64BE(BigInt(length), 2);
  return header;
}
