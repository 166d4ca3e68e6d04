import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import type { Room } from "../kit/documents.ts";
import { eventually } from "../kit/eventually.ts";
import { onRelease } from "../kit/resources.ts";
import { seedOn, type Actor } from "../kit/seed.ts";
import { socketUrl, type Subscription, type Variables } from "../kit/socket.ts";
import { NOTHING_HELD, startInProcess, type InProcess } from "./in-process.ts";

const SHARED = /* GraphQL */ `
  subscription Shared(
    $after: Cursor
    $conversationIds: [ID!]
    $types: [EventType!]
    $wide: Boolean = true
  ) {
    events(after: $after, conversationIds: $conversationIds, types: $types) {
      __typename
      cursor
      ... on MessageSent {
        conversationId
        message {
          body @include(if: $wide)
        }
      }
    }
  }
`;

/** The viewer-dependent fields are in a fragment, behind an interface and an alias. */
const PERSONAL = /* GraphQL */ `
  subscription Personal {
    events {
      __typename
      cursor
      ... on MemberJoined {
        conversation {
          ...Mine
        }
      }
    }
  }
  fragment Mine on Conversation {
    waiting: unreadCount
    viewerMembership {
      role
    }
  }
`;

interface Event {
  __typename: string;
  cursor: string;
  conversationId?: string;
  message?: { body?: string };
  conversation?: { waiting: number; viewerMembership: { role: string } | null };
}

/** A message of graphql-transport-ws. */
interface Message {
  type: string;
  id?: string;
  payload?: { data: { events: Event } };
}

let server: InProcess;
let ada: Actor;
let ben: Actor;
let room: Room;
let open: Subscription<Event>[] = [];

beforeAll(async () => {
  server = await startInProcess();
  const seed = seedOn(server);
  ada = seed.user("ada");
  ben = seed.user("ben");
  room = await ada.createsRoom("Room");
  await ben.joins(room);
});

beforeEach(async () => {
  await Promise.all(open.map((stream) => stream.close()));
  open = [];
  await eventually(() => expect(server.app.counts()).toEqual(NOTHING_HELD));
});

async function follow(person: Actor, query: string, variables: Variables = {}) {
  const stream = await (await person.client()).subscribe<Event>({ query, variables });
  open.push(stream);
  await stream.next((event) => event.__typename === "Ready");
  return stream;
}

const groups = (): number => server.app.counts().groups;

describe("subscriptions with the same document", () => {
  test("share one execution for all viewers", async () => {
    const streams = [await follow(ada, SHARED), await follow(ben, SHARED)];
    expect(groups()).toBe(1);
    await ada.says(room, "to all");
    for (const stream of streams) {
      const event = await stream.next(({ __typename }) => __typename === "MessageSent");
      expect(event).toMatchObject({ conversationId: room.id, message: { body: "to all" } });
    }
  });

  test("share one execution with different start cursors and filters", async () => {
    const { cursor } = await ada.signsUp();
    const other = await ada.createsRoom("Other");
    const all = await follow(ada, SHARED, { after: cursor });
    const some = await follow(ada, SHARED, { conversationIds: [other.id] });
    const none = await follow(ben, SHARED, { types: ["SESSION_ENDED"] });
    expect(groups()).toBe(1);
    await ada.says(room, "here");
    await ada.says(other, "there");
    const isThere = ({ message }: Event): boolean => message?.body === "there";
    await all.next(({ message }) => message?.body === "here");
    await all.next(isThere);
    await some.next(isThere);
    expect(some.all.map(({ __typename }) => __typename)).toEqual(["Ready", "MessageSent"]);
    expect(none.all.map(({ __typename }) => __typename)).toEqual(["Ready"]);
  });

  test("do not share an execution if a variable changes the selection", async () => {
    const wide = await follow(ada, SHARED, { wide: true });
    const narrow = await follow(ben, SHARED, { wide: false });
    expect(groups()).toBe(2);
    await ada.says(room, "hello");
    const isMessage = ({ __typename }: Event): boolean => __typename === "MessageSent";
    expect((await wide.next(isMessage)).message).toEqual({ body: "hello" });
    expect((await narrow.next(isMessage)).message).toEqual({});
  });

  test("return each viewer's own value of viewer-dependent fields", async () => {
    const talk = await ada.createsRoom("Talk");
    await ben.joins(talk);
    for (const body of ["one", "two", "three"]) await ada.says(talk, body);
    const cat = seedOn(server).user("cat");
    await cat.signsUp();
    const streams = [await follow(ada, PERSONAL), await follow(ben, PERSONAL)];
    const third = await follow(cat, PERSONAL);
    expect(groups()).toBe(3);
    await cat.joins(talk);
    const answers = await Promise.all(
      [...streams, third].map((stream) =>
        stream.next(({ __typename }) => __typename === "MemberJoined"),
      ),
    );
    expect(answers.map(({ conversation }) => conversation)).toEqual([
      { waiting: 0, viewerMembership: { role: "OWNER" } },
      { waiting: 3, viewerMembership: { role: "MEMBER" } },
      { waiting: 0, viewerMembership: { role: "MEMBER" } },
    ]);
  });

  test("receive their events under their own operation ids, in any form", async () => {
    const { token } = await ada.signsUp();
    const socket = new WebSocket(socketUrl(server), "graphql-transport-ws");
    onRelease(() => socket.terminate());
    const received: Message[] = [];
    socket.on("message", (data: Buffer) => {
      received.push(JSON.parse(data.toString("utf8")) as Message);
    });
    const send = (message: object): void => socket.send(JSON.stringify(message));
    await new Promise((resolve) => socket.once("open", resolve));
    send({ type: "connection_init", payload: { token } });
    await eventually(() => expect(received).toEqual([{ type: "connection_ack" }]));
    const ids = ["1", "2", `quoted " and \\ and ü and 🫖`, "x".repeat(300)];
    for (const id of ids) send({ id, type: "subscribe", payload: { query: SHARED } });
    await eventually(() => expect(received).toHaveLength(1 + ids.length));
    expect(groups()).toBe(1);
    const body = "zażółć 🫖 ".repeat(20);
    await ada.says(room, body);
    await eventually(() => expect(received).toHaveLength(1 + 2 * ids.length));
    const latest = received.slice(-ids.length);
    expect(latest.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
    for (const { type, payload } of latest) {
      expect(type).toBe("next");
      expect(payload?.data.events.message?.body).toBe(body);
    }
    socket.close();
  });
});
