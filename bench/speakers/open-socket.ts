import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";

/** Opcodes of RFC 6455, section 5.2. */
const [TEXT, BINARY, CLOSE, PING, PONG] = [0x1, 0x2, 0x8, 0x9, 0xa];
const FINAL = 0x80;

/**
 * A WebSocket of the load client. It shares the machine with the measured servers, so it does a minimum
 * of work: it splits the data into frames and passes them on unparsed, as substrings of one text.
 */
export interface LoadSocket {
  /** Receives the payload of each text or binary message, with one character per byte. */
  onMessage: (payload: string) => void;
  send(text: string): void;
  /** Stops reading, and expects to be closed for that. */
  stopReading(): void;
  close(): void;
}

/**
 * Resolves when the socket is open.
 *
 * @throws Error if the server does not switch protocols; later, unhandled, if it closes the socket or
 *   sends an incomplete frame
 */
export function openSocket(url: string, protocol?: string): Promise<LoadSocket> {
  const { hostname, port, pathname, search } = new URL(url);
  return new Promise((resolve, reject) => {
    const wire = connect(Number(port), hostname);
    wire.setNoDelay(true);
    wire.once("error", reject);
    wire.write(
      [
        `GET ${pathname}${search} HTTP/1.1`,
        `Host: ${hostname}:${port}`,
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        `Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}`,
        ...(protocol === undefined ? [] : [`Sec-WebSocket-Protocol: ${protocol}`]),
        "\r\n",
      ].join("\r\n"),
    );
    let head = Buffer.alloc(0);
    const shakeHands = (chunk: Buffer): void => {
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf("\r\n\r\n");
      if (end === -1) return;
      wire.off("data", shakeHands);
      if (!head.toString("latin1", 0, 12).endsWith("101")) {
        reject(new Error(`${url}: ${head.toString("latin1", 0, end)}`));
        wire.destroy();
        return;
      }
      wire.off("error", reject);
      resolve(overWire(wire, head.subarray(end + 4)));
    };
    wire.on("data", shakeHands);
  });
}

function overWire(wire: Socket, first: Buffer): LoadSocket {
  const mask = randomBytes(4);
  let isClosing = false;
  let rest: Buffer = Buffer.alloc(0);

  const say = (opcode: number, payload: Buffer): void => {
    const { length } = payload;
    const extended = length < 126 ? 0 : length < 65_536 ? 2 : 8;
    const frame = Buffer.allocUnsafe(2 + extended + 4 + length);
    frame[0] = FINAL | opcode;
    frame[1] = 0x80 | (extended === 0 ? length : extended === 2 ? 126 : 127);
    if (extended === 2) frame.writeUInt16BE(length, 2);
    else if (extended === 8) frame.writeBigUInt64BE(BigInt(length), 2);
    const at = 2 + extended;
    frame.set(mask, at);
    for (let index = 0; index < length; index += 1)
      frame[at + 4 + index] = (payload[index] ?? 0) ^ (mask[index & 3] ?? 0);
    wire.write(frame);
  };

  const socket: LoadSocket = {
    onMessage: () => undefined,
    send: (text) => {
      say(TEXT, Buffer.from(text));
    },
    stopReading: () => {
      isClosing = true;
      wire.pause();
    },
    close: () => {
      isClosing = true;
      wire.destroy();
    },
  };

  const take = (first: number, payload: string): void => {
    switch (first) {
      case FINAL | TEXT:
      case FINAL | BINARY:
        socket.onMessage(payload);
        break;
      case FINAL | PING:
        say(PONG, Buffer.from(payload, "latin1"));
        break;
      case FINAL | CLOSE:
        throw new Error(`closed: ${codeOf(payload)} ${payload.slice(2)}`);
      default:
        if (first !== (FINAL | PONG)) throw new Error(`a frame that begins with ${first}`);
    }
  };

  const read = (chunk: Buffer): void => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const text = bytes.toString("latin1");
    let at = 0;
    for (;;) {
      const size = bytes[at + 1];
      if (size === undefined) break;
      let begin = at + 2;
      let length = size;
      if (size === 126) {
        if (bytes.length < at + 4) break;
        length = bytes.readUInt16BE(begin);
        begin += 2;
      } else if (size === 127) {
        if (bytes.length < at + 10) break;
        length = Number(bytes.readBigUInt64BE(begin));
        begin += 8;
      }
      if (bytes.length < begin + length) break;
      take(bytes[at] ?? 0, text.slice(begin, begin + length));
      at = begin + length;
    }
    rest = bytes.subarray(at);
  };
  wire.on("data", read);
  wire.on("error", (error) => {
    if (!isClosing) throw error;
  });
  wire.on("close", () => {
    if (!isClosing) throw new Error("the server closed a socket");
  });
  // The caller sets the message handler before any message arrives.
  queueMicrotask(() => {
    if (first.length > 0) setImmediate(read, first);
  });
  return socket;
}

/** Returns the code of a close frame: its first two bytes. */
const codeOf = (payload: string): number => payload.charCodeAt(0) * 256 + payload.charCodeAt(1);
