import { beforeAll, beforeEach, expect, test } from "vitest";
import type { ChatEvent, Room, TypedError } from "../kit/documents.ts";
import { SEND_MESSAGE } from "../kit/documents.ts";
import { eventually } from "../kit/eventually.ts";
import { describeWith } from "../kit/needs.ts";
import { roomAct } from "../kit/room-documents.ts";
import { seedOn, type Actor, type Seed } from "../kit/seed.ts";
import type { Subscription } from "../kit/socket.ts";
import { startCluster, type Cluster } from "./cluster.ts";
import { positionOf } from "./positions.ts";
import { startTraffic } from "./traffic.ts";

describeWith("redis-server", "removing a user from a room", () => {
  let cluster: Cluster;
  let seed: Seed;
  /** The owner of the rooms. */
  let olga: Actor;
  /** The removed user. */
  let lea: Actor;
  let talkers: Actor[];
  let room: Room;
  let rooms = 0;

  beforeAll(async () => {
    cluster = await startCluster({ ANNOUNCE_MEMBERS_MAX: "200" });
    seed = seedOn(cluster.a);
    olga = seed.user("olga");
    lea = seed.user("lea");
    talkers = [seed.user("tim").via(cluster.a), seed.user("tom").via(cluster.b)];
    for (const person of [olga, lea, ...talkers]) await person.signsUp();
  });

  beforeEach(async () => {
    rooms += 1;
    room = await olga.createsRoom(`Room ${rooms}`);
    for (const talker of [lea, ...talkers]) await talker.joins(room);
  });

  const idOf = async (who: Actor): Promise<string> => (await who.signsUp()).user.id;
  /** The state of a public room reaches everyone; those events do not count here. */
  const inRoom = (events: readonly ChatEvent[], { id } = room): ChatEvent[] =>
    events.filter((event) => "conversationId" in event && event.conversationId === id);

  /** Causes an event that everyone receives, and waits until every stream has it. */
  async function finish(subscriptions: readonly Subscription<ChatEvent>[]): Promise<void> {
    rooms += 1;
    const everywhere = await olga.createsRoom(`Seen by all ${rooms}`);
    for (const { all } of subscriptions) {
      await eventually(() =>
        all.some((event) => event.__typename === "RoomCreated" && event.room.id === everywhere.id),
      );
    }
  }

  test.for([
    ["removeMember", "REMOVED", "PUBLIC"],
    ["banMember", "BANNED", "PUBLIC"],
    ["banMember", "BANNED", "PRIVATE"],
  ] as const)(
    "a user removed by %s receives that event (%s) and nothing after it, in a %s room with traffic",
    async ([act, reason, visibility]) => {
      const { id: roomId } = room;
      await olga.does("updateRoom", { roomId, visibility });
      const traffic = startTraffic([olga, ...talkers], room);
      const before = await olga.says(room, "to begin with");
      const streams = await Promise.all([
        lea.via(cluster.a).listens(),
        lea.via(cluster.b).listens(),
        lea.via(cluster.b).listens({ conversationIds: [roomId] }),
      ]);
      await traffic.flows(30);
      const [near, far] = [olga.via(cluster.a), olga.via(cluster.b)];
      const userId = await idOf(lea);
      const put = positionOf(await (rooms % 2 === 0 ? near : far).does(act, { roomId, userId }));
      await traffic.flows(30);
      await traffic.stop();
      await olga.does("updateRoom", { roomId, topic: "afterwards" });
      await finish(streams.slice(0, 2));
      const replays = await Promise.all(
        cluster.instances.map(async (endpoint) => {
          const { cursor } = await lea.signsUp();
          return lea.via(endpoint).listens({ after: cursor });
        }),
      );
      await finish(replays);
      for (const { all } of [...streams, ...replays]) {
        const own = inRoom(all);
        const after = own.filter(({ cursor }) => positionOf(cursor) > put);
        expect(after).toEqual([]);
        expect(own.at(-1)).toMatchObject({ __typename: "MemberLeft", user: { username: "lea" } });
      }
      expect(inRoom(streams[0].all).length).toBeGreaterThan(20);
      expect(before.seq).toBeGreaterThan(0);
      const REASON = /* GraphQL */ `
        subscription Reason($after: Cursor) {
          events(after: $after, types: [MEMBER_LEFT]) {
            ... on MemberLeft {
              user {
                username
              }
              leaveReason
              actor {
                username
              }
            }
          }
        }
      `;
      const { cursor } = await olga.signsUp();
      for (const [who, actor] of [
        [lea, null],
        [talkers[0], { username: "olga" }],
      ] as const) {
        const replay = await (
          await who?.client()
        )?.subscribe<Record<string, unknown>>({
          query: REASON,
          variables: { after: cursor },
        });
        await replay?.next(({ leaveReason }) => leaveReason === reason);
        expect(replay?.all.at(-1)).toEqual({
          user: { username: "lea" },
          leaveReason: reason,
          actor,
        });
      }
    },
  );

  test("a removed user can send nothing afterwards, even when sending constantly on both instances", async () => {
    const { id: roomId } = room;
    const input = { conversationId: roomId, body: "still here" };
    let stopped = false;
    const isStopped = (): boolean => stopped;
    const codes: string[] = [];
    const sending = Promise.all(
      cluster.instances.map(async (endpoint) => {
        const sender = await lea.via(endpoint).client();
        while (!isStopped()) {
          const answer = await sender.mutate<TypedError | { __typename: string }>(SEND_MESSAGE, {
            input,
          });
          codes.push("code" in answer ? answer.code : "OK");
        }
      }),
    );
    await eventually(() => codes.length > 20);
    const put = positionOf(
      await olga.via(cluster.b).does("banMember", { roomId, userId: await idOf(lea) }),
    );
    const acknowledged = codes.length;
    await eventually(() => codes.length > acknowledged + 20);
    stopped = true;
    await sending;
    expect(codes).toContain("OK");
    expect(codes.slice(acknowledged + 2)).not.toContain("OK");
    expect(codes.at(-1)).toBe("BANNED");
    const rows = await cluster.database.query<{ position: number }>(
      `SELECT max(m.position)::int AS position FROM "Message" m JOIN "User" u ON u.id = m."authorId"
       WHERE u.username = 'lea' AND m.kind = 'TEXT' AND m."conversationId" = $1`,
      [Buffer.from(roomId, "base64").toString().slice(-36)],
    );
    expect(rows[0]?.position).toBeLessThan(put);
  });

  test("a removed user cannot rejoin through an invite that ends at the same time", async () => {
    for (let turn = 0; turn < 10; turn += 1) {
      const userId = await idOf(lea);
      const { id: roomId } = await olga.createsRoom(`Door ${rooms} ${turn}`);
      await lea.joins({ id: roomId });
      await lea.leaves({ id: roomId });
      const [joined] = await Promise.all([
        lea
          .via(cluster.b)
          .mutate<{ __typename: string }>(roomAct("joinRoom"), { input: { roomId } }),
        olga.does("banMember", { roomId, userId }),
      ]);
      expect(["JoinRoomPayload", "BannedError"]).toContain(joined.__typename);
      const { node } = await lea.query<{ node: { viewerMembership: object | null } }>(
        `query($id: ID!) { node(id: $id) { ... on Room { viewerMembership { id } } } }`,
        { id: roomId },
      );
      expect(node.viewerMembership).toBeNull();
    }
  });
});

describeWith("redis-server", "a room that has become private", () => {
  interface RoomEvent {
    __typename: string;
    cursor: string;
    conversationId?: string;
    room?: { name: string; topic: string | null };
  }
  const ROOMS = /* GraphQL */ `
    subscription Rooms($after: Cursor) {
      events(after: $after) {
        __typename
        cursor
        ... on RoomCreated {
          conversationId
          room {
            name
            topic
          }
        }
        ... on RoomUpdated {
          conversationId
          room {
            name
            topic
          }
        }
        ... on RoomHidden {
          conversationId
        }
      }
    }
  `;

  test("a replay hides the room from former members, from memory and from the database", async () => {
    const cluster = await startCluster();
    const seed = seedOn(cluster.a);
    const [owner, member, outsider] = [
      seed.user("owner"),
      seed.user("member"),
      seed.user("outsider"),
    ];
    const { cursor: after } = await outsider.signsUp();
    const { id } = await owner.createsRoom("Once known", { topic: "words" });
    await member.joins({ id });
    await owner.does("updateRoom", { roomId: id, topic: "more words" });
    await owner.does("updateRoom", { roomId: id, visibility: "PRIVATE" });
    await owner.via(cluster.b).does("updateRoom", { roomId: id, name: "Secret", topic: "hidden" });
    const about = async (who: Actor, endpoint: { url: string }): Promise<[string, string?][]> => {
      const stream = await (
        await who.via(endpoint).client()
      ).subscribe<RoomEvent>({ query: ROOMS, variables: { after } });
      const marker = await owner.createsRoom(`Marker ${crypto.randomUUID()}`);
      await stream.next(({ conversationId }) => conversationId === marker.id);
      await stream.close();
      return stream.all.flatMap(({ __typename, conversationId, room }): [string, string?][] => {
        if (conversationId !== id) return [];
        return [room === undefined ? [__typename] : [__typename, `${room.name}: ${room.topic}`]];
      });
    };
    const inside = [
      ["RoomCreated", "Once known: words"],
      ["RoomUpdated", "Once known: more words"],
      ["RoomHidden"],
      ["RoomUpdated", "Once known: more words"],
      ["RoomUpdated", "Secret: hidden"],
    ];
    // In the first turn, both instances replay from memory; after the restarts, from the database.
    for (let turn = 0; turn < 2; turn += 1) {
      for (const endpoint of cluster.instances) {
        expect(await about(outsider, endpoint)).toEqual([["RoomHidden"]]);
        expect(await about(member, endpoint)).toEqual(inside);
      }
      for (const instance of cluster.instances) await instance.restart();
    }
    await owner.does("updateRoom", { roomId: id, visibility: "PUBLIC", topic: "open again" });
    expect(await about(outsider, cluster.b)).toEqual([
      ["RoomHidden"],
      ["RoomUpdated", "Secret: open again"],
    ]);
  });
});
