import { expect } from "vitest";
import { client, type TestClient } from "../kit/client.ts";
import type { Room } from "../kit/documents.ts";
import { seedOn, type Actor } from "../kit/seed.ts";
import type { Endpoint } from "../kit/socket.ts";
import type { Cluster } from "./cluster.ts";
import {
  disorder,
  durablePositions,
  isMessage,
  positionOf,
  type ReceivedEvent,
  type Logged,
} from "./positions.ts";

/** A user in the crowd. */
export interface Member {
  readonly name: string;
  readonly token: string;
  readonly actor: Actor;
  readonly rooms: readonly Room[];
}

export interface Crowd {
  readonly rooms: readonly Room[];
  readonly members: readonly Member[];
}

/**
 * Signs up `size` users over both instances. User n joins the rooms n and n + 1, modulo their number, so
 * that neighbouring rooms have different members.
 */
export async function gatherCrowd(
  cluster: Cluster,
  { size, rooms: roomCount }: { size: number; rooms: number },
): Promise<Crowd> {
  const seed = seedOn(cluster.a);
  const host = seed.user("host");
  const rooms: Room[] = [];
  for (let index = 0; index < roomCount; index += 1) {
    rooms.push(await host.createsRoom(`Room ${index}`, { slug: `room-${index}` }));
  }
  const members = await Promise.all(
    Array.from({ length: size }, async (_, index): Promise<Member> => {
      const endpoint = cluster.instances[index % 2] ?? cluster.a;
      const actor = seed.user(`member-${index}`).via(endpoint);
      const { token } = await actor.signsUp();
      const own = [0, 1].flatMap((step) => rooms[(index + step) % roomCount] ?? []);
      for (const room of own) await actor.joins(room);
      return { name: actor.username, token, actor, rooms: own };
    }),
  );
  return { rooms, members };
}

/**
 * Returns the messages that a member must have received: all messages of the member's rooms, in log
 * order.
 */
export function expectedOf(member: Member, log: readonly Logged[]): string[] {
  const slugs = new Set(member.rooms.map((room) => room.slug));
  return log.filter(({ slug }) => slugs.has(slug)).map(({ body }) => body);
}

/**
 * Checks everything that a member received, over any number of connections, against the log: each message
 * of their rooms once, nothing else, at the right positions and in log order.
 */
export function expectExactlyTheLog(
  member: Member,
  received: readonly ReceivedEvent[],
  log: readonly Logged[],
): void {
  expect(disorder(durablePositions(received)), `disorder at ${member.name}`).toEqual([]);
  const messages = received.filter(isMessage);
  expect(
    messages.map(({ message }) => message.body),
    `messages of ${member.name}`,
  ).toEqual(expectedOf(member, log));
  const places = new Map(log.map(({ body, position }) => [body, position]));
  const misplaced = messages.filter(
    ({ cursor, message }) => places.get(message.body) !== positionOf(cursor),
  );
  expect(misplaced, `misplaced at ${member.name}`).toEqual([]);
}

interface Page {
  node: {
    messages: {
      edges: { node: { body: string; seq: number } }[];
      pageInfo: { hasPreviousPage: boolean; startCursor: string | null };
    };
  };
}

const HISTORY = /* GraphQL */ `
  query History($id: ID!, $before: String) {
    node(id: $id) {
      ... on Conversation {
        messages(last: 100, before: $before) {
          edges {
            node {
              body
              seq
            }
          }
          pageInfo {
            hasPreviousPage
            startCursor
          }
        }
      }
    }
  }
`;

/** Reads all messages of a room from the API's history, oldest first. */
export async function historyOf(
  member: Member,
  room: Room,
  endpoint: Endpoint,
): Promise<{ body: string; seq: number }[]> {
  const reader: TestClient = client(endpoint).as(member.token);
  const pages: { body: string; seq: number }[][] = [];
  let before: string | null = null;
  for (;;) {
    const { node }: Page = await reader.query<Page>(HISTORY, { id: room.id, before });
    pages.unshift(node.messages.edges.map((edge) => edge.node));
    if (!node.messages.pageInfo.hasPreviousPage) return pages.flat();
    before = node.messages.pageInfo.startCursor;
  }
}

/** Checks that the history of every room, on every instance, equals the log. */
export async function expectHistoryOfTheLog(
  crowd: Crowd,
  endpoints: readonly Endpoint[],
  log: readonly Logged[],
): Promise<void> {
  for (const room of crowd.rooms) {
    const reader = crowd.members.find(({ rooms }) => rooms.includes(room));
    if (!reader) throw new Error(`no user is in ${room.slug}`);
    const bodies = log.filter(({ slug }) => slug === room.slug).map(({ body }) => body);
    for (const endpoint of endpoints) {
      const history = await historyOf(reader, room, endpoint);
      expect(history.map(({ body }) => body)).toEqual(bodies);
      expect(history.map(({ seq }) => seq)).toEqual(bodies.map((_, index) => index + 1));
    }
  }
}
