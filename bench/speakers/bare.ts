import { randomUUID } from "node:crypto";
import { openSocket } from "./open-socket.ts";
import { seqOf, type OnDelivery, type Speaker } from "./speaker.ts";

/** Connects to the bare `ws` peer. */
export async function bareSpeaker(
  url: string,
  room: string,
  onDelivery: OnDelivery,
): Promise<Speaker> {
  const socket = await openSocket(`${url}/${room}`);
  const waiting = new Map<string, () => void>();
  socket.onMessage = (data) => {
    const seq = seqOf(data);
    if (seq !== -1) {
      onDelivery(seq, data);
      return;
    }
    const { clientId } = JSON.parse(data) as { clientId: string };
    waiting.get(clientId)?.();
    waiting.delete(clientId);
  };
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
