import { beforeAll, describe, expect, test } from "vitest";
import { decodeCursor } from "../../server/kernel/cursor.ts";
import { createDatabase } from "../kit/database.ts";
import type { ChatEvent, Room } from "../kit/documents.ts";
import { eventually } from "../kit/eventually.ts";
import { seedOn, type Actor } from "../kit/seed.ts";
import { connect } from "../kit/socket.ts";
import { startServer, type TestServer } from "../kit/server.ts";

const SNAPSHOT = /* GraphQL */ `
  {
    viewer {
      conversations(first: 20) {
        edges {
          node {
            id
            lastSeq
            lastMessage {
              seq
            }
            messages(last: 3) {
              edges {
                node {
                  seq
                }
              }
            }
            ... on Room {
              memberCount
            }
          }
        }
      }
      cursor
      unread {
        messages
      }
    }
  }
`;

interface Snapshot {
  viewer: {
    cursor: string;
    unread: { messages: number };
    conversations: {
      edges: {
        node: {
          id: string;
          lastSeq: number;
          lastMessage: { seq: number } | null;
          messages: { edges: { node: { seq: number } }[] };
          memberCount: number;
        };
      }[];
    };
  };
}

const QUERIES = 40;

let server: TestServer;
let watcher: Actor;
let senders: Actor[];
let mover: Actor;
let rooms: Room[];

beforeAll(async () => {
  server = await startServer({ databaseUrl: (await createDatabase()).url });
  const seed = seedOn(server);
  watcher = seed.user("watcher");
  senders = ["ada", "bob"].map((name) => seed.user(name));
  mover = seed.user("mover");
  await Promise.all([watcher, mover, ...senders].map((person) => person.signsUp()));
});

function position(cursor: string): number {
  const decoded = decodeCursor(cursor);
  if (decoded === null) throw new Error(`${cursor} is not a cursor`);
  return decoded;
}

/** Computes the knowledge of a client that has followed the stream from the first event to a cursor. */
function stateAt(events: readonly ChatEvent[], cursor: string, roomId: string) {
  const seen = events.filter((event) => position(event.cursor) <= position(cursor));
  const inRoom = seen.filter(
    (event) => "conversationId" in event && event.conversationId === roomId,
  );
  const of = (type: string): number =>
    inRoom.filter(({ __typename }) => __typename === type).length;
  return {
    lastSeq: of("MessageSent"),
    memberCount: of("MemberJoined") - of("MemberLeft"),
  };
}

describe("a response with viewer.cursor", () => {
  test("is from one snapshot: it equals the state after the events up to its cursor", async () => {
    const { cursor: start } = await watcher.signsUp();
    rooms = await Promise.all(["One", "Two", "Three"].map((name) => watcher.createsRoom(name)));
    for (const sender of senders) for (const room of rooms) await sender.joins(room);
    const events = await watcher.listens({ after: start });

    let going = true;
    const keepOn = async (act: (turn: number) => Promise<unknown>): Promise<void> => {
      for (let turn = 0; going; turn += 1) await act(turn);
    };
    const roomAt = (turn: number): Room => {
      const room = rooms[turn % rooms.length];
      if (room === undefined) throw new Error("there are rooms");
      return room;
    };
    const traffic = [
      ...senders.flatMap((sender) =>
        [0, 1].map((lane) => keepOn((turn) => sender.says(roomAt(turn + lane), `${turn}`))),
      ),
      keepOn(async (turn) => {
        await mover.joins(roomAt(turn));
        await mover.leaves(roomAt(turn));
      }),
    ];

    const socket = await connect(server, { token: (await watcher.signsUp()).token });
    const answers: Snapshot[] = [];
    const moments = (): number => new Set(answers.map(({ viewer }) => viewer.cursor)).size;
    // Repeats until enough events happened in between; otherwise the test would show nothing.
    for (let i = 0; i < QUERIES || moments() <= QUERIES / 2; i += 1) {
      if (i % 2 === 0) answers.push(await watcher.query<Snapshot>(SNAPSHOT));
      else {
        const { data, errors } = await socket.execute<Snapshot>(SNAPSHOT);
        if (!data) throw new Error(JSON.stringify(errors));
        answers.push(data);
      }
    }
    going = false;
    await Promise.all(traffic);
    await socket.close();
    const last = await watcher.query<Snapshot>(SNAPSHOT);
    answers.push(last);
    await eventually(() => {
      const newest = events.all.findLast((event) => event.__typename !== "Heartbeat");
      expect(position(newest?.cursor ?? "")).toBeGreaterThanOrEqual(position(last.viewer.cursor));
    });

    const cursors = answers.map(({ viewer }) => position(viewer.cursor));
    expect(cursors).toEqual([...cursors].sort((a, b) => a - b));
    for (const { viewer } of answers) {
      const nodes = new Map(viewer.conversations.edges.map(({ node }) => [node.id, node]));
      let messages = 0;
      for (const room of rooms) {
        const node = nodes.get(room.id);
        const state = stateAt(events.all, viewer.cursor, room.id);
        messages += state.lastSeq;
        expect({ lastSeq: node?.lastSeq, memberCount: node?.memberCount }).toEqual(state);
        expect(node?.lastMessage?.seq ?? 0).toBe(state.lastSeq);
        expect(node?.messages.edges.at(-1)?.node.seq ?? 0).toBe(state.lastSeq);
      }
      // The watching user has sent and read nothing.
      expect(viewer.unread.messages).toBe(messages);
    }
    await events.close();
  });
});

test("a mutation runs outside a snapshot, even if its document has a query with viewer.cursor", async () => {
  const token = (await senders[0]?.signsUp())?.token ?? "";
  const query = `query Snapshot ${SNAPSHOT}
    mutation CreateRoom { createRoom(input: { name: "Beside a snapshot" }) { __typename } }`;
  const response = await fetch(`${server.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify({ query, operationName: "CreateRoom" }),
  });
  expect(await response.json()).toMatchObject({
    data: { createRoom: { __typename: "CreateRoomPayload" } },
  });
});
