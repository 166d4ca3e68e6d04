import { describe, expect, it } from "vitest";
import { makeReadMarker } from "../../web/src/conversation/read-marker.ts";

/** A server that answers when it is told to. */
function makeServer(): {
  marks: number[];
  mark: (seq: number) => Promise<boolean>;
  answer: (arrived: boolean) => Promise<void>;
} {
  const marks: number[] = [];
  let reply: ((arrived: boolean) => void) | undefined;
  return {
    marks,
    mark: (seq) => {
      marks.push(seq);
      return new Promise((resolve) => (reply = resolve));
    },
    answer: async (arrived) => {
      reply?.(arrived);
      // What follows an answer happens in microtasks, which all run before the next timer.
      await new Promise((resolve) => setTimeout(resolve));
    },
  };
}

describe("makeReadMarker", () => {
  it("tells one thing at a time, and after a burst only the newest", async () => {
    const server = makeServer();
    const marker = makeReadMarker(3, server.mark);
    for (const seq of [4, 5, 6, 7]) marker.seen(seq);
    expect(server.marks).toEqual([4]);
    await server.answer(true);
    expect(server.marks).toEqual([4, 7]);
    await server.answer(true);
    expect(server.marks).toEqual([4, 7]);
  });

  it("never goes back and tells nothing that is known", () => {
    const server = makeServer();
    const marker = makeReadMarker(10, server.mark);
    marker.seen(9);
    marker.seen(10);
    expect(server.marks).toEqual([]);
  });

  it("tells again with the next thing seen what did not arrive", async () => {
    const server = makeServer();
    const marker = makeReadMarker(0, server.mark);
    marker.seen(1);
    await server.answer(false);
    expect(server.marks).toEqual([1]);
    marker.seen(1);
    expect(server.marks).toEqual([1, 1]);
  });
});
