// A WebSocket client that costs next to nothing, so that the load client leaves the machine to the
// servers: it hands frames out as they lie in what was read, without copying or decoding them.
import { randomBytes } from "node:crypto";
import { request } from "node:http";
import type { Socket } from "node:net";

export interface LightSocket {
  /** Told of every text frame; the buffer is only good until it returns. */
  onMessage(receive: (frame: Buffer) => void): void;
  send(text: string): void;
  close(): void;
}

const TEXT = 1;
const CLOSE = 8;
const PING = 9;
const PONG = 10;
const FINAL = 0x80;
const MASKED = 0x80;
const NOTHING = Buffer.alloc(0);

/** Resolves when the socket is open. What comes before `onMessage` is kept. */
export function openSocket(url: string, protocol?: string): Promise<LightSocket> {
  return new Promise((resolve, reject) => {
    const opening = request(url.replace(/^ws/, "http"), {
      headers: {
        connection: "Upgrade",
        upgrade: "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": randomBytes(16).toString("base64"),
        ...(protocol === undefined ? {} : { "sec-websocket-protocol": protocol }),
      },
    });
    opening.once("upgrade", (_response, socket, head) => {
      resolve(overSocket(socket, head));
    });
    opening.once("response", (response) => {
      reject(new Error(`No WebSocket at ${url}: ${String(response.statusCode)}`));
    });
    opening.once("error", reject);
    opening.end();
  });
}

function overSocket(socket: Socket, head: Buffer): LightSocket {
  let receive: ((frame: Buffer) => void) | null = null;
  let rest = head;
  let closing = false;
  socket.setNoDelay(true);

  const read = (chunk: Buffer): void => {
    let data = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    rest = NOTHING;
    if (receive === null) {
      rest = data;
      return;
    }
    for (;;) {
      const frame = frameIn(data);
      if (frame === null) break;
      if (frame.opcode === TEXT) receive(data.subarray(frame.from, frame.to));
      else if (frame.opcode === PING)
        socket.write(toFrame(PONG, data.subarray(frame.from, frame.to)));
      else if (frame.opcode === CLOSE) {
        if (!closing) throw new Error(`Closed: ${String(data.subarray(frame.from + 2, frame.to))}`);
        socket.end();
      }
      data = data.subarray(frame.to);
    }
    // Copied, so that a few bytes do not hold on to a whole chunk.
    rest = data.length === 0 ? NOTHING : Buffer.from(data);
  };
  socket.on("data", read);
  socket.on("error", (error) => {
    if (!closing) throw error;
  });

  return {
    onMessage: (receiver) => {
      receive = receiver;
      read(NOTHING);
    },
    send: (text) => {
      socket.write(toFrame(TEXT, Buffer.from(text)));
    },
    close: () => {
      closing = true;
      socket.write(toFrame(CLOSE, NOTHING));
      socket.end();
    },
  };
}

/** The first frame in the data: where its payload lies. Null while it is not complete. */
function frameIn(data: Buffer): { opcode: number; from: number; to: number } | null {
  if (data.length < 2) return null;
  const first = data[0] ?? 0;
  const short = (data[1] ?? 0) & 0x7f;
  if ((first & FINAL) === 0) throw new Error("No server here sends messages in pieces");
  let length = short;
  let from = 2;
  if (short === 126) {
    if (data.length < 4) return null;
    length = data.readUInt16BE(2);
    from = 4;
  } else if (short === 127) {
    if (data.length < 10) return null;
    length = Number(data.readBigUInt64BE(2));
    from = 10;
  }
  const to = from + length;
  return data.length < to ? null : { opcode: first & 0x0f, from, to };
}

/** A frame of a client, which has to be masked: with zeros, which change nothing. */
function toFrame(opcode: number, payload: Buffer): Buffer {
  const { length } = payload;
  const head = Buffer.alloc(length < 126 ? 6 : 8);
  head[0] = FINAL | opcode;
  if (length < 126) head[1] = MASKED | length;
  else {
    head[1] = MASKED | 126;
    head.writeUInt16BE(length, 2);
  }
  return Buffer.concat([head, payload]);
}
