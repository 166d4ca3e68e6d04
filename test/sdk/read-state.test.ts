import { expect, test } from "vitest";
import {
  afterDeleted,
  afterMark,
  afterSent,
  startReadState,
  countUnread,
  mergeReadStates,
  type OwnMark,
  type ReadState,
} from "../../sdk/src/state/read-state.ts";
import { makeRandom } from "../unit/random.ts";

/** An update that a device receives. Events arrive in order; marks arrive at any time. */
type Update = (unread: ReadState) => ReadState;

/** A server that stores one conversation and its viewer's mark, and emits every change. */
function makeServer() {
  const messages: { counts: boolean }[] = [];
  let [read, revision] = [0, 0];
  const events: Update[] = [];
  const marks: Update[] = [];
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
    snapshot: () => startReadState(numbers(), mark()),
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
    /** Sends the current mark again, as a stream does at each (re)connect. */
    repeat: () => {
      const present = mark();
      marks.push((unread) => afterMark(unread, present));
    },
    /** Returns the current state for a fetch, whose response may arrive late. */
    answer: (): Update => {
      const fetched = startReadState(numbers(), mark());
      return (unread) => mergeReadStates(unread, fetched);
    },
  };
}

test("events and marks in any interleaving lead to the server's counts", () => {
  const random = makeRandom(20_261_121);
  for (let round = 0; round < 2_000; round += 1) {
    const server = makeServer();
    for (let n = random.below(6); n > 0; n -= 1) server.send(random.below(3) === 0, true);
    server.move(random.below(server.size + 1));
    let device = server.snapshot();
    server.events.length = 0;
    server.marks.length = 0;
    const late: Update[] = [];
    for (let step = 0; step < 40; step += 1) {
      const choice = random.below(8);
      if (choice < 2) server.send(choice === 0, true);
      else if (choice === 2) server.send(random.below(2) === 0, false);
      else if (choice === 3) server.delete(1 + random.below(Math.max(1, server.size)));
      else if (choice === 4) server.move(random.below(server.size + 1));
      else if (choice === 5) server.repeat();
      else if (choice === 6) late.push(server.answer());
      // Each kind keeps its own order; their interleaving is random.
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
