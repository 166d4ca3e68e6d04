import { randomUUID } from "node:crypto";
import { openSocket } from "./open-socket.ts";
import { seqOf, type OnDelivery, type Speaker } from "./speaker.ts";

/** The dialect of a graphql-transport-ws server. */
export interface Dialect {
  /** The payload of `connection_init`. */
  init: Record<string, unknown>;
  subscription: string;
  variables: Record<string, unknown>;
  send: string;
  input(body: string, clientId: string): Record<string, unknown>;
  /** A text that every acknowledgement contains. */
  acknowledged: string;
  /** Whether the stream reports that it is open; otherwise the result of a later query shows it. */
  saysReady: boolean;
  /** Receives that report. */
  onReady?: (frame: string) => void;
}

/** Start of a message of the subscription, from servers that write the id first. */
const EVENT = '{"id":"e"';

/** Opens one subscription and, for senders, mutations over one socket. */
export async function graphqlSpeaker(
  url: string,
  dialect: Dialect,
  onDelivery: OnDelivery,
): Promise<Speaker> {
  const socket = await openSocket(`${url.replace(/^http/, "ws")}/graphql`, "graphql-transport-ws");
  const waiting = new Map<string, () => void>();
  let ready: () => void = () => undefined;
  const live = new Promise<void>((resolve) => {
    ready = resolve;
  });
  const say = (message: object): void => {
    socket.send(JSON.stringify(message));
  };
  socket.onMessage = (data) => {
    if (data.startsWith(EVENT)) {
      const seq = seqOf(data);
      if (seq === -1) {
        if (!data.includes('"__typename":"')) throw new Error(data);
        dialect.onReady?.(data);
        ready();
      } else onDelivery(seq, data);
      return;
    }
    const message = JSON.parse(data) as { type: string; id?: string };
    if (message.type === "connection_ack") {
      const { subscription, variables } = dialect;
      say({ id: "e", type: "subscribe", payload: { query: subscription, variables } });
      if (!dialect.saysReady)
        say({ id: "ready", type: "subscribe", payload: { query: "{ __typename }" } });
    } else if (message.type === "next") {
      if (message.id === "ready") ready();
      else if (!data.includes(dialect.acknowledged)) throw new Error(data);
      waiting.get(message.id ?? "")?.();
    } else if (message.type === "error") throw new Error(data);
  };
  say({ type: "connection_init", payload: dialect.init });
  await live;
  return {
    send: (body) =>
      new Promise((resolve) => {
        const id = randomUUID();
        waiting.set(id, () => {
          waiting.delete(id);
          resolve();
        });
        const variables = dialect.input(body, id);
        say({ id, type: "subscribe", payload: { query: dialect.send, variables } });
      }),
    stopReading: () => {
      socket.stopReading();
    },
    close: () => {
      socket.close();
    },
  };
}

const PARLEY_SUBSCRIPTION = `subscription ($ids: [ID!], $after: Cursor) {
  events(conversationIds: $ids, after: $after) {
    __typename
    cursor
    ... on MessageSent { message { seq id body createdAt author { username } } }
  }
}`;
const PARLEY_SEND = `mutation ($input: SendMessageInput!) {
  sendMessage(input: $input) { __typename ... on Error { message } }
}`;

/**
 * @param room its id in the database
 * @param after the cursor of the last known event; null for none
 */
export function parleyDialect(token: string, room: string, after: string | null = null): Dialect {
  const conversationId = Buffer.from(`Conversation:${room}`).toString("base64");
  return {
    init: { token },
    subscription: PARLEY_SUBSCRIPTION,
    variables: { ids: [conversationId], after },
    send: PARLEY_SEND,
    input: (body, clientId) => ({ input: { conversationId, body, clientId } }),
    acknowledged: "SendMessagePayload",
    saysReady: true,
  };
}

/** The dialect of the stock Yoga peer, with its own ids of rooms and users. */
export function yogaDialect(userId: string, room: string): Dialect {
  return {
    init: {},
    subscription: `subscription ($room: ID!) { messageSent(room: $room) { seq id body createdAt author } }`,
    variables: { room },
    send: `mutation ($room: ID!, $author: ID!, $body: String!) { sendMessage(room: $room, author: $author, body: $body) { id } }`,
    input: (body) => ({ room, author: userId, body }),
    acknowledged: '"sendMessage"',
    saysReady: false,
  };
}
