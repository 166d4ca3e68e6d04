import { describe, expect, it } from "vitest";
import { makeReadMarker } from "../../web/src/conversation/read-marker.ts";

/** A server that responds when the test lets it. */
function makeServer(): {
  marks: number[];
  mark: (seq: number) => Promise<boolean>;
  respond: (arrived: boolean) => Promise<void>;
} {
  const marks: number[] = [];
  let reply: ((arrived: boolean) => void) | undefined;
  return {
    marks,
    mark: (seq) => {
      marks.push(seq);
      return new Promise((resolve) => (reply = resolve));
    },
    respond: async (arrived) => {
      reply?.(arrived);
      // Code after a response runs in microtasks, which finish before the next timer.
      await new Promise((resolve) => setTimeout(resolve));
    },
  };
}

describe("makeReadMarker", () => {
  it("sends one mark at a time, and only the newest after a burst", async () => {
    const server = makeServer();
    const marker = makeReadMarker(3, server.mark);
    for (const seq of [4, 5, 6, 7]) marker.seen(seq);
    expect(server.marks).toEqual([4]);
    await server.respond(true);
    expect(server.marks).toEqual([4, 7]);
    await server.respond(true);
    expect(server.marks).toEqual([4, 7]);
  });

  it("never moves the mark back or sends a known mark", () => {
    const server = makeServer();
    const marker = makeReadMarker(10, server.mark);
    marker.seen(9);
    marker.seen(10);
    expect(server.marks).toEqual([]);
  });

  it("retries a failed mark when the next message is seen", async () => {
    const server = makeServer();
    const marker = makeReadMarker(0, server.mark);
    marker.seen(1);
    await server.respond(false);
    expect(server.marks).toEqual([1]);
    marker.seen(1);
    expect(server.marks).toEqual([1, 1]);
  });
});
