import { randomUUID } from "node:crypto";
import { WebSocket } from "ws";

/** One connection of the load client, whatever it speaks. */
export interface Speaker {
  /** Resolves when the message is acknowledged. */
  send(body: string): Promise<void>;
  close(): void;
}

/** Told of every delivery: the message's number within the room. */
export type OnDelivery = (seq: number) => void;

/** The number after `"seq":` in a frame, read without parsing the whole. */
function seqOf(frame: Buffer): number {
  let at = frame.indexOf('"seq":');
  if (at === -1) return -1;
  let seq = 0;
  for (at += 6; at < frame.length; at += 1) {
    const digit = (frame[at] ?? 0) - 48;
    if (digit < 0 || digit > 9) break;
    seq = seq * 10 + digit;
  }
  return seq;
}

function opened(url: string, protocol?: string): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, protocol, { perMessageDeflate: false });
    socket.once("open", () => {
      resolve(socket);
    });
    socket.once("error", reject);
  });
}

const SUBSCRIPTION = `subscription ($ids: [ID!]) {
  events(conversationIds: $ids) {
    __typename
    cursor
    ... on MessageSent { message { seq id body createdAt author { username } } }
  }
}`;
const SEND = `mutation ($input: SendMessageInput!) {
  sendMessage(input: $input) { __typename ... on Error { message } }
}`;

/** Parley, by graphql-transport-ws: one subscription and, for those who speak, mutations. */
export async function parleySpeaker(
  url: string,
  token: string,
  conversationId: string,
  onDelivery: OnDelivery,
): Promise<Speaker> {
  const socket = await opened(`${url.replace("http", "ws")}/graphql`, "graphql-transport-ws");
  const waiting = new Map<string, () => void>();
  let ready: () => void = () => undefined;
  const live = new Promise<void>((resolve) => {
    ready = resolve;
  });
  const say = (message: object): void => {
    socket.send(JSON.stringify(message));
  };
  socket.on("message", (data: Buffer) => {
    if (data.includes('"id":"e"')) {
      const seq = seqOf(data);
      if (seq === -1) ready();
      else onDelivery(seq);
      return;
    }
    const message = JSON.parse(data.toString()) as { type: string; id?: string };
    if (message.type === "connection_ack") {
      const variables = { ids: [conversationId] };
      say({ id: "e", type: "subscribe", payload: { query: SUBSCRIPTION, variables } });
    } else if (message.type === "next") {
      if (!data.includes("SendMessagePayload")) throw new Error(data.toString());
      waiting.get(message.id ?? "")?.();
    } else if (message.type === "error") throw new Error(data.toString());
  });
  say({ type: "connection_init", payload: { token } });
  await live;
  return {
    send: (body) =>
      new Promise((resolve) => {
        const id = randomUUID();
        waiting.set(id, () => {
          waiting.delete(id);
          resolve();
        });
        const input = { conversationId, body, clientId: id };
        say({ id, type: "subscribe", payload: { query: SEND, variables: { input } } });
      }),
    close: () => {
      socket.close();
    },
  };
}

/** The bare `ws` peer. */
export async function bareSpeaker(url: string, onDelivery: OnDelivery): Promise<Speaker> {
  const socket = await opened(url);
  const waiting = new Map<string, () => void>();
  socket.on("message", (data: Buffer) => {
    const seq = seqOf(data);
    if (seq !== -1) {
      onDelivery(seq);
      return;
    }
    const { clientId } = JSON.parse(data.toString()) as { clientId: string };
    waiting.get(clientId)?.();
    waiting.delete(clientId);
  });
  return {
    send: (body) =>
      new Promise((resolve) => {
        const clientId = randomUUID();
        waiting.set(clientId, resolve);
        socket.send(JSON.stringify({ body, clientId }));
      }),
    close: () => {
      socket.close();
    },
  };
}

/** The Socket.IO peer, with its own client. Its ids rise, but need not be without gaps. */
export async function socketIoSpeaker(url: string, onDelivery: OnDelivery): Promise<Speaker> {
  const { io } = await import("socket.io-client");
  const socket = io(url.replace("ws", "http"), { transports: ["websocket"], forceNew: true });
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("connect_error", reject);
  });
  socket.on("chat message", (_content: string, id: string) => {
    onDelivery(Number(id));
  });
  return {
    send: async (body) => {
      await socket.emitWithAck("chat message", body, randomUUID());
    },
    close: () => {
      socket.close();
    },
  };
}
