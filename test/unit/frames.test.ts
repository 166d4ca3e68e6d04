import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../kit/eventually.ts";
import { WebSocket, WebSocketServer } from "ws";
import { encodeOperationId, FrameTemplate } from "../../server/delivery/frame.ts";
import { Outbox, type Wire } from "../../server/delivery/outbox.ts";
import { Inbox } from "../kit/inbox.ts";
import { onRelease } from "../kit/resources.ts";

/** A real WebSocket client, and the network socket to which the server writes frames. */
let wire: Duplex;
const received = new Inbox<string>("client");

beforeAll(async () => {
  const http = createServer();
  const sockets = new WebSocketServer({ noServer: true });
  const connected = new Promise<Duplex>((resolve) => {
    http.on("upgrade", (request, socket, head) => {
      sockets.handleUpgrade(request, socket, head, () => resolve(socket));
    });
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const { port } = http.address() as AddressInfo;
  const client = new WebSocket(`ws://127.0.0.1:${port}`);
  client.on("message", (data: Buffer, isBinary) =>
    received.push(isBinary ? "binary" : data.toString()),
  );
  client.on("close", (code) => received.end({ code }));
  wire = await connected;
  onRelease(() => {
    client.terminate();
    http.close();
  });
});

function frameOf(payload: object, id: string): Buffer {
  const encoded = encodeOperationId(id);
  const template = FrameTemplate.of(Buffer.from(JSON.stringify(payload)), encoded.length);
  const bytes = Buffer.alloc(template.length);
  expect(template.writeTo(bytes, 0, encoded)).toBe(template.length);
  return bytes;
}

/** Returns a payload that makes the whole message exactly `size` bytes long. */
function payloadFor(size: number, id: string): { data: string } {
  const empty = Buffer.byteLength(JSON.stringify({ id, type: "next", payload: { data: "" } }));
  return { data: "x".repeat(size - empty) };
}

describe("a frame", () => {
  test.for([0, 124, 125, 126, 127, 128, 65_534, 65_535, 65_536, 65_537, 1_000_000])(
    "of a message of %d bytes is understood by a WebSocket client",
    async (size) => {
      const id = "1";
      const payload = size === 0 ? { data: "" } : payloadFor(size, id);
      wire.write(frameOf(payload, id));
      const text = await received.next();
      if (size > 0) expect(Buffer.byteLength(text)).toBe(size);
      expect(JSON.parse(text)).toEqual({ id, type: "next", payload });
    },
  );

  test.for([
    "3b1f7a52-1c2d-4e5f-8a9b-0c1d2e3f4a5b",
    'quote " and backslash \\',
    "line\nbreak\u0000\u001f",
    "émigré 中文 🦜",
    "\ud800 alone",
    "",
    "x".repeat(300),
  ])("carries the operation id %j", async (id) => {
    wire.write(frameOf({ data: { a: 1 } }, id));
    expect(JSON.parse(await received.next())).toEqual({
      id,
      type: "next",
      payload: { data: { a: 1 } },
    });
  });

  test("carries text of any script", async () => {
    const payload = { data: { body: "naïve 🏴‍☠️ 漢字 \u2028 \u0000" } };
    wire.write(frameOf(payload, "1"));
    expect(JSON.parse(await received.next())).toEqual({ id: "1", type: "next", payload });
  });

  test("from a template serves ids of one length, one after the other in one write", async () => {
    const template = FrameTemplate.of(Buffer.from('{"data":1}'), encodeOperationId("aa").length);
    const bytes = Buffer.alloc(3 * template.length);
    let end = 0;
    for (const id of ["aa", "bb", "cc"]) end = template.writeTo(bytes, end, encodeOperationId(id));
    wire.write(bytes);
    for (const id of ["aa", "bb", "cc"]) {
      expect(JSON.parse(await received.next())).toEqual({ id, type: "next", payload: { data: 1 } });
    }
  });
});

test("with the same operation id shares the template's bytes, which never contain another id", () => {
  const template = FrameTemplate.of(Buffer.from('{"data":1}'), encodeOperationId("aa").length);
  const joined = FrameTemplate.join([template, template]);
  const first = joined.bytesFor(encodeOperationId("aa"));
  expect(joined.bytesFor(encodeOperationId("aa"))).toBe(first);
  const text = first.toString("latin1");
  const other = joined.bytesFor(encodeOperationId("bb"));
  expect(other.toString("latin1")).toBe(text.replaceAll('"aa"', '"bb"'));
  expect(first.toString("latin1")).toBe(text);
});

/** The network side of an outbox, controlled by the test: unsent bytes and recorded writes. */
class RecordedWire implements Wire {
  writableLength = 0;
  writingTakesMs = 0;
  /** Whether written bytes stay unsent until `drain`. */
  isStuck = false;
  readonly writes: Buffer[] = [];
  #drains: (() => void)[] = [];

  write(bytes: Buffer, left?: () => void): boolean {
    if (left) this.#drains.push(left);
    if (bytes.length > 0) this.writes.push(bytes);
    if (this.isStuck) this.writableLength += bytes.length;
    const end = performance.now() + this.writingTakesMs;
    while (performance.now() < end);
    return true;
  }

  drain(): void {
    this.writableLength = 0;
    for (const listener of this.#drains.splice(0)) listener();
  }
}

describe("an outbox", () => {
  const id = encodeOperationId("1");
  const template = FrameTemplate.of(Buffer.from('{"data":1}'), id.length);
  const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

  test("writes all frames of one turn together, to each socket its own", async () => {
    const wires = [new RecordedWire(), new RecordedWire()];
    const outboxes = wires.map(
      (own) => new Outbox({ wire: () => own, overflow: () => undefined }, 1_000_000),
    );
    for (let i = 0; i < 5; i += 1) for (const outbox of outboxes) outbox.add(template, id);
    expect(wires.map(({ writes }) => writes.length)).toEqual([0, 0]);
    await turn();
    for (const { writes } of wires) {
      expect(writes.map((bytes) => bytes.length)).toEqual([5 * template.length]);
    }
  });

  test("sends the same frames with the right ids to every socket, even with other frames in between", async () => {
    const payloads = ["a", "b", "c"];
    const templates = payloads.map((text) =>
      FrameTemplate.of(Buffer.from(`{"data":"${text}"}`), 2),
    );
    const message = (operation: string, text: string): string =>
      JSON.stringify({ id: operation, type: "next", payload: { data: text } });
    const receivers = ["aa", "bb", "bb", "cc"].map((operation, index) => {
      const own = new RecordedWire();
      const outbox = new Outbox({ wire: () => own, overflow: () => undefined }, 1_000_000);
      // The third socket also gets a response, and the fourth one a frame of another operation.
      const asks = index === 2;
      const expected = payloads.map((text) => message(operation, text));
      for (const each of templates) outbox.add(each, encodeOperationId(operation));
      if (asks) outbox.addResponse('{"type":"pong"}');
      const [first] = templates;
      if (index === 3 && first !== undefined) {
        outbox.add(first, encodeOperationId("dd"));
        expected.push(message("dd", "a"));
      }
      return { own, expected: asks ? [...expected, '{"type":"pong"}'] : expected };
    });
    await turn();
    for (const { own, expected } of receivers) {
      for (const bytes of own.writes) wire.write(bytes);
      for (const text of expected) expect(await received.next()).toBe(text);
    }
  });

  test("delays events for the next ones while writes take long, but not responses", async () => {
    const [own, answered] = [new RecordedWire(), new RecordedWire()];
    const [slow, asked] = [own, answered].map(
      (wire) => new Outbox({ wire: () => wire, overflow: () => undefined }, 1_000_000),
    );
    own.writingTakesMs = 2;
    const turns = 40;
    for (let count = 0; count < turns; count += 1) {
      slow?.add(template, id);
      asked?.addResponse("{}");
      await turn();
    }
    expect(answered.writes).toHaveLength(turns);
    // Fewer writes than turns; the exact number depends on pauses of this process.
    expect(own.writes.length).toBeLessThan(turns / 2);
    const total = (): number => own.writes.reduce((sum, { length }) => sum + length, 0);
    await eventually(() => expect(total()).toBe(turns * template.length));
  });

  test("keeps its order when it is flushed before another write", async () => {
    const own = new RecordedWire();
    const outbox = new Outbox({ wire: () => own, overflow: () => undefined }, 1_000_000);
    outbox.add(template, id);
    outbox.flush();
    expect(own.writes).toHaveLength(1);
    outbox.add(template, id);
    await eventually(() => expect(own.writes).toHaveLength(2));
    await turn();
    expect(own.writes).toHaveLength(2);
  });

  test("overflows once and accepts nothing afterwards", async () => {
    const own = new RecordedWire();
    let overflows = 0;
    const outbox = new Outbox(
      {
        wire: () => own,
        overflow: () => {
          overflows += 1;
        },
      },
      1_000,
    );
    own.writableLength = 990;
    outbox.add(template, id);
    await turn();
    outbox.add(template, id);
    await turn();
    expect({ overflows, writes: own.writes.length }).toEqual({ overflows: 1, writes: 0 });
  });

  test("accepts a single frame beyond its limit while nothing else waits", async () => {
    const own = new RecordedWire();
    let overflows = 0;
    const outbox = new Outbox(
      {
        wire: () => own,
        overflow: () => {
          overflows += 1;
        },
      },
      10,
    );
    own.isStuck = true;
    outbox.add(template, id);
    await turn();
    // The receiver never counts as too slow while no other frame waits.
    const leaving = outbox.drained();
    outbox.send();
    expect({ overflows, writes: own.writes.length }).toEqual({ overflows: 0, writes: 1 });
    own.drain();
    await leaving;
  });

  test("reports when it can accept frames again", async () => {
    const own = new RecordedWire();
    const outbox = new Outbox({ wire: () => own, overflow: () => undefined }, 1_000);
    await outbox.drained();
    own.writableLength = 900;
    let hasRoom = false;
    void outbox.drained().then(() => {
      hasRoom = true;
    });
    await turn();
    expect(hasRoom).toBe(false);
    own.drain();
    await turn();
    expect(hasRoom).toBe(true);
  });

  test("keeps frames for a receiver that does not read, and writes them when there is room", async () => {
    const own = new RecordedWire();
    const outbox = new Outbox(
      { wire: () => own, overflow: () => expect.unreachable("it has room") },
      1_000,
    );
    own.writableLength = 100;
    outbox.add(template, id);
    await turn();
    expect(own.writes).toHaveLength(1);
    for (let count = 0; count < 3; count += 1) {
      outbox.add(template, id);
      outbox.addResponse("{}");
      await turn();
    }
    expect(own.writes).toHaveLength(1);
    expect(outbox.unread).toBeGreaterThan(100 + 3 * template.length);
    own.drain();
    expect(own.writes).toHaveLength(2);
    expect(outbox.unread).toBe(0);
    outbox.add(template, id);
    await turn();
    expect(own.writes).toHaveLength(3);
  });

  test("closes a receiver that does not read when its unsent bytes exceed the limit", async () => {
    const own = new RecordedWire();
    let overflows = 0;
    const outbox = new Outbox(
      {
        wire: () => own,
        overflow: () => {
          overflows += 1;
        },
      },
      100 + 4 * template.length,
    );
    own.writableLength = 100;
    for (let count = 0; count < 5; count += 1) {
      outbox.add(template, id);
      await turn();
    }
    expect({ overflows, unread: outbox.unread }).toEqual({
      overflows: 0,
      unread: 100 + 4 * template.length,
    });
    outbox.add(template, id);
    await turn();
    expect({ overflows, unread: outbox.unread }).toEqual({ overflows: 1, unread: 100 });
    own.drain();
    expect(own.writes).toHaveLength(1);
  });

  test("lets a large response bypass a short queue, after the earlier frames", async () => {
    const own = new RecordedWire();
    let overflows = 0;
    const outbox = new Outbox(
      {
        wire: () => own,
        overflow: () => {
          overflows += 1;
        },
      },
      1_000,
    );
    outbox.add(template, id);
    expect(outbox.reserveLargeWrite(0)).toBe(true);
    expect(own.writes).toHaveLength(1);
    own.writableLength = 1_000;
    expect(outbox.reserveLargeWrite(0)).toBe(true);
    own.writableLength = 1_001;
    expect([outbox.reserveLargeWrite(0), outbox.reserveLargeWrite(0), overflows]).toEqual([
      false,
      false,
      1,
    ]);
  });

  test("does not close a receiver because of a large response that it requested", async () => {
    const own = new RecordedWire();
    let overflows = 0;
    const outbox = new Outbox(
      {
        wire: () => own,
        overflow: () => {
          overflows += 1;
        },
      },
      10 * template.length,
    );
    const large = 100 * template.length;
    expect(outbox.reserveLargeWrite(large)).toBe(true);
    own.writableLength = large;
    for (let count = 0; count < 10; count += 1) {
      outbox.add(template, id);
      await turn();
    }
    expect([outbox.reserveLargeWrite(0), overflows]).toEqual([true, 0]);
    // The exception ends when the large response has been read.
    own.writableLength = 0;
    outbox.flush();
    own.writableLength = 9 * template.length;
    outbox.add(template, id);
    outbox.addResponse("{}");
    await turn();
    expect(overflows).toBe(1);
  });

  test("drops frames for a closed socket", async () => {
    const outbox = new Outbox(
      { wire: () => null, overflow: () => expect.unreachable("no receiver is slow here") },
      1_000,
    );
    outbox.add(template, id);
    await turn();
    await outbox.drained();
  });
});

describe("a text message", () => {
  test.for(["", "{}", "ä€🎉", "x".repeat(126), "é".repeat(40_000)])(
    "leaves in the same write as the events of its turn, after the earlier frames",
    async (text) => {
      const outbox = new Outbox({ wire: () => wire, overflow: () => undefined }, 1_000_000);
      const id = encodeOperationId("7");
      const event = FrameTemplate.of(Buffer.from(`{"data":1}`), id.length);
      outbox.add(event, id);
      outbox.addResponse(text);
      outbox.add(event, id);
      expect(JSON.parse(await received.next())).toMatchObject({ id: "7", type: "next" });
      expect(await received.next()).toBe(text);
      expect(JSON.parse(await received.next())).toMatchObject({ id: "7", type: "next" });
    },
  );
});
