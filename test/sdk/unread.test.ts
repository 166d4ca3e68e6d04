import { expect, test } from "vitest";
import {
  afterDeleted,
  afterMark,
  afterSent,
  beginUnread,
  countUnread,
  mergeUnread,
  type OwnMark,
  type Unread,
} from "../../sdk/src/state/unread.ts";
import { makeRandom } from "../unit/random.ts";

/** What a device is told; events in their order, marks whenever they come. */
type Told = (unread: Unread) => Unread;

/** A conversation and its viewer's mark as a server keeps them, and what it tells of every change. */
function makeServer() {
  const messages: { counts: boolean }[] = [];
  let [read, revision] = [0, 0];
  const events: Told[] = [];
  const marks: Told[] = [];
  const countTo = (seq: number): number =>
    messages.slice(0, seq).filter(({ counts }) => counts).length;
  const numbers = () => ({ lastSeq: messages.length, countedMessages: countTo(messages.length) });
  const mark = (): OwnMark => ({
    lastReadSeq: read,
    readCount: countTo(read),
    unreadMentionCount: 0,
    revision,
    ...numbers(),
  });
  return {
    events,
    marks,
    get size() {
      return messages.length;
    },
    unread: () => numbers().countedMessages - countTo(read),
    snapshot: () => beginUnread(numbers(), mark()),
    send: (own: boolean, counts: boolean) => {
      messages.push({ counts });
      const seq = messages.length;
      if (own && counts) read = seq;
      events.push((unread) => afterSent(unread, { seq, own, counts }));
    },
    delete: (seq: number) => {
      const message = messages[seq - 1];
      if (message?.counts !== true) return;
      message.counts = false;
      const after = numbers();
      events.push((unread) => afterDeleted(unread, seq, after));
    },
    move: (seq: number) => {
      read = seq;
      revision += 1;
      const moved = mark();
      marks.push((unread) => afterMark(unread, moved));
    },
    /** Tells the present state, as a stream does that begins or was interrupted. */
    repeat: () => {
      const present = mark();
      marks.push((unread) => afterMark(unread, present));
    },
    /** Answers what a device asks for; the answer may come late. */
    answer: (): Told => {
      const fetched = beginUnread(numbers(), mark());
      return (unread) => mergeUnread(unread, fetched);
    },
  };
}

test("events and marks lead to what the server counts, however they are shuffled into each other", () => {
  const random = makeRandom(20_261_121);
  for (let round = 0; round < 2_000; round += 1) {
    const server = makeServer();
    for (let n = random.below(6); n > 0; n -= 1) server.send(random.below(3) === 0, true);
    server.move(random.below(server.size + 1));
    let device = server.snapshot();
    server.events.length = 0;
    server.marks.length = 0;
    const late: Told[] = [];
    for (let step = 0; step < 40; step += 1) {
      const choice = random.below(8);
      if (choice < 2) server.send(choice === 0, true);
      else if (choice === 2) server.send(random.below(2) === 0, false);
      else if (choice === 3) server.delete(1 + random.below(Math.max(1, server.size)));
      else if (choice === 4) server.move(random.below(server.size + 1));
      else if (choice === 5) server.repeat();
      else if (choice === 6) late.push(server.answer());
      // Each kind keeps its own order; which of them comes first is chance.
      for (let n = random.below(4); n > 0; n -= 1) {
        const from = [server.events, server.marks, late][random.below(3)];
        device = from?.shift()?.(device) ?? device;
      }
    }
    while (server.events.length + server.marks.length + late.length > 0) {
      const from = [server.events, server.marks, late][random.below(3)];
      device = from?.shift()?.(device) ?? device;
    }
    expect(countUnread(device), `round ${round}`).toBe(server.unread());
  }
});
