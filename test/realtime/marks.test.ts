import { beforeAll, beforeEach, expect, test } from "vitest";
import { client } from "../kit/client.ts";
import type { Room } from "../kit/documents.ts";
import { eventually } from "../kit/eventually.ts";
import { describeWith } from "../kit/needs.ts";
import { OWN_MARKS, RECEIPTS, type Mark, type Receipt } from "../kit/receipt-documents.ts";
import { seedOn, type Actor, type Seed } from "../kit/seed.ts";
import { connect, type Endpoint, type Subscription } from "../kit/socket.ts";
import { subscribeSse } from "../kit/sse.ts";
import { startCluster, type Cluster } from "./cluster.ts";

const MESSAGES = 3;

describeWith("redis-server", "changes of marks", () => {
  let cluster: Cluster;
  let seed: Seed;
  let ada: Actor;
  let bob: Actor;
  let room: Room;
  let rooms = 0;

  beforeAll(async () => {
    cluster = await startCluster({ RECEIPTS_LIVE_MEMBERS: "3" });
    seed = seedOn(cluster.a);
    [ada, bob] = [seed.user("ada"), seed.user("bob")];
  });

  beforeEach(async () => {
    rooms += 1;
    room = await ada.createsRoom(`Room ${rooms}`);
    await bob.joins(room);
    for (let n = 1; n <= MESSAGES; n += 1) await ada.says(room, `message ${n}`);
  });

  const cursorOf = async (person: Actor): Promise<string> =>
    (await person.query<{ viewer: { cursor: string } }>("{ viewer { cursor } }")).viewer.cursor;
  const receiptsOf = async (person: Actor, there = room): Promise<Subscription<Receipt>> =>
    (await person.client()).subscribe<Receipt>({ query: RECEIPTS, variables: { id: there.id } });
  const marksOf = async (person: Actor): Promise<Subscription<Mark>> =>
    (await person.client()).subscribe<Mark>({ query: OWN_MARKS });
  /** Selects marks of this room, because the stream starts with those of all rooms. */
  const here = ({ conversationId }: { conversationId: string }): boolean =>
    conversationId === room.id;

  test("read marks reach other viewers of the conversation on every instance, and never enter the log", async () => {
    const watching = [await receiptsOf(ada), await receiptsOf(ada.via(cluster.b))];
    for (const stream of watching) {
      // The stream starts with the current state.
      expect(await stream.next()).toMatchObject({
        __typename: "ReceiptMoved",
        user: { username: "bob" },
        readSeq: 0,
        deliveredSeq: 0,
      });
    }
    const before = await cursorOf(ada);
    await bob.receives(room, 2);
    await bob.via(cluster.b).reads(room, 1);
    await bob.unreads(room, 1);
    for (const stream of watching) {
      await stream.next(({ readSeq, revision }) => readSeq === 0 && revision === 3);
      expect(stream.all.map(({ deliveredSeq, readSeq }) => [deliveredSeq, readSeq])).toEqual([
        [0, 0],
        [2, 0],
        [2, 1],
        [2, 0],
      ]);
      expect(new Set(stream.all.map(({ conversationId }) => conversationId))).toEqual(
        new Set([room.id]),
      );
      await stream.close();
    }
    expect(await cursorOf(ada)).toBe(before);
  });

  test("read marks reach neither their own user nor former members", async () => {
    const [own, others] = [await receiptsOf(bob), await receiptsOf(ada)];
    expect((await own.next()).user.username).toBe("ada");
    await bob.reads(room, 2);
    await others.next(({ readSeq }) => readSeq === 2);
    await bob.leaves(room);
    expect(await own.ended).toEqual({});
    expect(own.all.map(({ user }) => user.username)).toEqual(["ada"]);
    await others.close();
  });

  test("read marks are not sent live in a conversation with too many members", async () => {
    for (const name of ["cyd", "dan"]) await seed.user(name).joins(room);
    const stream = await receiptsOf(ada);
    await bob.reads(room, 2);
    await seed.user("dan").leaves(room);
    // After the departure, the number of members is within the limit.
    await bob.reads(room, 3);
    await stream.next();
    expect(stream.all.map(({ readSeq }) => readSeq)).toEqual([3]);
    await stream.close();
  });

  test("read marks with unread counts reach one's own devices within a second, and no other user", async () => {
    const { token } = await client(cluster.b).logIn("bob");
    const phone = await client(cluster.b).as(token).subscribe<Mark>({ query: OWN_MARKS });
    const request = await subscribeSse<Mark>(cluster.a, { token, query: OWN_MARKS });
    const stranger = await marksOf(ada);
    for (const stream of [phone, request]) {
      expect(await stream.next(here)).toMatchObject({
        lastReadSeq: 0,
        unreadCount: MESSAGES,
        unreadMentionCount: 0,
      });
    }
    await stranger.next(here);
    const from = performance.now();
    await bob.reads(room, 2);
    for (const stream of [phone, request]) {
      expect(await stream.next(here)).toMatchObject({ lastReadSeq: 2, unreadCount: 1 });
    }
    expect(performance.now() - from).toBeLessThan(1_000);
    await bob.unreads(room, 1);
    for (const stream of [phone, request]) {
      expect(await stream.next(here)).toMatchObject({ lastReadSeq: 0, unreadCount: MESSAGES });
    }
    // The stream also sends the mark of a newly joined conversation.
    const other = await ada.createsRoom(`Other ${rooms}`);
    await bob.joins(other);
    await phone.next(({ conversationId }) => conversationId === other.id);
    expect(stranger.all.filter(here)).toHaveLength(1);
    request.complete();
    await Promise.all([phone.close(), stranger.close()]);
  });

  test("read marks include unread mentions, and are sent whenever those change", async () => {
    const stream = await marksOf(bob.via(cluster.b));
    await stream.next(here);
    const mentions = async (count: number): Promise<Mark> =>
      stream.next((mark) => here(mark) && mark.unreadMentionCount === count);
    const first = await ada.says(room, "hey @bob");
    expect(await mentions(1)).toMatchObject({ lastReadSeq: 0, unreadCount: MESSAGES + 1 });
    const second = await ada.says(room, "hey all in @room");
    await mentions(2);
    await ada.edits(first, "hey nobody");
    await mentions(1);
    await ada.deletes(second);
    await mentions(0);
    await ada.edits(first, "hey @bob, after all");
    await mentions(1);
    await bob.reads(room, first.seq);
    expect(await mentions(0)).toMatchObject({ unreadCount: 0 });
    await stream.close();
  });

  test("read marks are sent again after a Redis outage, so that none is missed", async () => {
    const stream = await marksOf(bob.via(cluster.b));
    const watcher = await receiptsOf(ada.via(cluster.b));
    await stream.next(here);
    await cluster.redis.kill();
    await bob.reads(room, 2);
    await cluster.redis.start();
    const isMoved = ({ lastReadSeq, conversationId }: Mark): boolean =>
      conversationId === room.id && lastReadSeq === 2;
    expect(await stream.next(isMoved, 10_000)).toMatchObject({ unreadCount: 1 });
    await watcher.next(({ readSeq }) => readSeq === 2, 10_000);
    await Promise.all([stream.close(), watcher.close()]);
  });

  test("the streams of read marks need a session", async () => {
    const refusedBy = async (endpoint: Endpoint): Promise<void> => {
      const socket = await connect(endpoint);
      const { errors } = await socket.subscribe(OWN_MARKS).ended;
      expect(errors).toMatchObject([{ extensions: { code: "UNAUTHENTICATED" } }]);
      await socket.close();
    };
    await refusedBy(cluster.a);
    const { token } = await client(cluster.a).logIn("bob");
    const stream = await client(cluster.a).as(token).subscribe<Mark>({ query: OWN_MARKS });
    await stream.next();
    await client(cluster.b).as(token).mutate("mutation { logOut { __typename } }");
    expect(await stream.ended).toMatchObject({ code: 4403 });
    await eventually(() => expect(stream.isEnded).toBe(true));
  });
});
