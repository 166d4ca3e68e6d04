import { beforeAll, expect, test } from "vitest";
import type { ChatEvent, Room } from "../kit/documents.ts";
import { describeWith } from "../kit/needs.ts";
import { seedOn, type Actor } from "../kit/seed.ts";
import { subscribe, type Variables } from "../kit/socket.ts";
import { subscribeSse } from "../kit/sse.ts";
import { startCluster, type Cluster } from "./cluster.ts";
import { cursorBeside } from "./positions.ts";

/** A stream over any transport. */
interface Listening {
  readonly all: ChatEvent[];
  next(matches: (event: ChatEvent) => boolean): Promise<ChatEvent>;
}

describeWith("redis-server", "an event stream", () => {
  let cluster: Cluster;
  let ada: Actor;
  let ben: Actor;
  let eve: Actor;
  let tea: Room;
  let cake: Room;
  let secret: Room;
  let beginning: string;
  let markers = 0;

  beforeAll(async () => {
    cluster = await startCluster();
    const seed = seedOn(cluster.a);
    ada = seed.user("ada");
    ben = seed.user("ben");
    eve = seed.user("eve");
    beginning = (await eve.signsUp()).cursor;
    tea = await ada.createsRoom("Tea");
    cake = await ada.createsRoom("Cake");
    secret = await ada.createsRoom("Secret", { visibility: "PRIVATE" });
    for (const room of [tea, cake]) await ben.joins(room);
  });

  /** Causes events of several types. */
  async function life(): Promise<void> {
    await ada.says(tea, "tea");
    await ada.says(cake, "cake");
    await ada.says(secret, "secret");
    await ben.via(cluster.b).leaves(cake);
    await ben.joins(cake);
    await ada.via(cluster.b).says(tea, "more tea");
  }

  /** Opens the same stream live and as a replay, over both transports, on both instances. */
  async function everyWay(
    person: Actor,
    variables: Variables,
    action: () => Promise<unknown>,
  ): Promise<Listening[]> {
    const { token } = await person.signsUp();
    const { viewer } = await person.query<{ viewer: { cursor: string } }>("{ viewer { cursor } }");
    const after = { ...variables, after: viewer.cursor };
    const open = (endpoint: Cluster["a"]): Promise<Listening>[] => [
      subscribe(endpoint, { token, variables: after }),
      subscribeSse(endpoint, { token, variables: after }),
    ];
    const live = await Promise.all(cluster.instances.flatMap(open));
    await Promise.all(live.map((stream) => stream.next(() => true)));
    await action();
    const replays = await Promise.all(cluster.instances.flatMap(open));
    return [...live, ...replays];
  }

  /** Waits until each stream has the last event, and compares all events. */
  async function expectEach(
    streams: readonly Listening[],
    isLast: (event: ChatEvent) => boolean,
    expected: readonly (readonly [ChatEvent["__typename"], Room])[],
  ): Promise<void> {
    for (const stream of streams) {
      await stream.next(isLast);
      const seen = stream.all.flatMap((event) =>
        "conversationId" in event ? [[event.__typename, event.conversationId]] : [],
      );
      expect(seen).toEqual(expected.map(([name, { id }]) => [name, id]));
      // The events are equal over every transport, live and replayed.
      expect(stream.all.slice(1)).toEqual(streams[0]?.all.slice(1));
    }
  }

  const says = (body: string) => (event: ChatEvent) =>
    event.__typename === "MessageSent" && event.message.body === body;

  test("a stream filters events by conversation", async () => {
    const streams = await everyWay(ben, { conversationIds: [tea.id] }, life);
    await expectEach(streams, says("more tea"), [
      ["MessageSent", tea],
      ["MessageSent", tea],
    ]);
  });

  test("a stream filters events by type", async () => {
    const types = ["MEMBER_JOINED", "MEMBER_LEFT"];
    const streams = await everyWay(ada, { types }, life);
    const joined = (event: ChatEvent): boolean => event.__typename === "MemberJoined";
    await expectEach(streams, joined, [
      ["MemberLeft", cake],
      ["MemberJoined", cake],
    ]);
  });

  test("a stream filters events by conversation and type together", async () => {
    const variables = { conversationIds: [cake.id, secret.id], types: ["MESSAGE_SENT"] };
    const streams = await everyWay(ada, variables, life);
    await expectEach(streams, says("secret"), [
      ["MessageSent", cake],
      ["MessageSent", secret],
    ]);
  });

  test("a stream without a filter contains all events", async () => {
    const streams = await everyWay(ada, {}, life);
    await expectEach(streams, says("more tea"), [
      ["MessageSent", tea],
      ["MessageSent", cake],
      ["MessageSent", secret],
      ["MemberLeft", cake],
      ["MemberJoined", cake],
      ["MessageSent", tea],
    ]);
  });

  test("no filter reveals a private room to a stranger", async () => {
    const filters: Variables[] = [{}, { conversationIds: [secret.id, tea.id] }];
    for (const filter of filters) {
      for (const after of [undefined, beginning]) {
        const { token } = await eve.signsUp();
        const variables = { ...filter, ...(after === undefined ? {} : { after }) };
        const streams = await Promise.all(
          cluster.instances.flatMap((endpoint): Promise<Listening>[] => [
            subscribe(endpoint, { token, variables }),
            subscribeSse(endpoint, { token, variables }),
          ]),
        );
        await Promise.all(streams.map((stream) => stream.next(() => true)));
        const hidden = await ada.createsRoom(`Hidden ${(markers += 1)}`, { visibility: "PRIVATE" });
        await ada.says(hidden, "psst");
        await ada.says(secret, "psst");
        await eve.joins(tea);
        const { id } = await ada.says(tea, `loud ${markers}`);
        for (const stream of streams) {
          await stream.next(
            (event) => event.__typename === "MessageSent" && event.message.id === id,
          );
          const ofSecrets = stream.all.filter(
            (event) =>
              "conversationId" in event && [secret.id, hidden.id].includes(event.conversationId),
          );
          expect(ofSecrets).toEqual([]);
          expect(JSON.stringify(stream.all)).not.toContain("psst");
        }
        await eve.leaves(tea);
      }
    }
  });

  test("invalid filters are rejected equally over both transports", async () => {
    const { token, cursor } = await ada.signsUp();
    const refusals: [string | undefined, Variables, string][] = [
      [undefined, {}, "UNAUTHENTICATED"],
      [token, { conversationIds: ["nonsense"] }, "INVALID_INPUT"],
    ];
    for (const [as, variables, code] of refusals) {
      const identity = as === undefined ? {} : { token: as };
      const socket = await subscribe(cluster.a, { ...identity, variables });
      const sse = await subscribeSse(cluster.a, { ...identity, variables });
      const [overSocket, overHttp] = await Promise.all([socket.ended, sse.ended]);
      expect(overSocket.errors?.[0]?.extensions).toMatchObject({ code });
      expect(overHttp.errors?.[0]?.extensions).toMatchObject({ code });
      expect(overHttp.errors?.[0]?.message).toBe(overSocket.errors?.[0]?.message);
    }
    const ahead = { after: cursorBeside(cursor, 100_000) };
    for (const stream of [
      await subscribe(cluster.a, { token, variables: ahead }),
      await subscribeSse(cluster.a, { token, variables: ahead }),
    ]) {
      const gap = await stream.next((event) => event.__typename === "EventGap");
      expect(gap).toMatchObject({ reason: "UNKNOWN_CURSOR" });
    }
  });
});
