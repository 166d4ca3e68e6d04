import { randomUUID } from "node:crypto";
import { openSocket } from "./open-socket.ts";
import type { OnDelivery, Speaker } from "./speaker.ts";

// The packets of Engine.IO and Socket.IO that a client meets over a WebSocket:
// https://socket.io/docs/v4/engine-io-protocol/ and https://socket.io/docs/v4/socket-io-protocol/
const [OPEN, PING, PONG, CONNECT, CONNECT_ERROR] = ["0", "2", "3", "40", "44"];
const [EVENT, ACKNOWLEDGEMENT] = ["42", "43"];
const BETWEEN = '","';

/**
 * Connects to the Socket.IO peer without its own client, whose work would distort the measurement. Its
 * ids increase, possibly with gaps.
 *
 * @param after the id of the last known message; null for none
 */
export async function socketIoSpeaker(
  url: string,
  room: string,
  onDelivery: OnDelivery,
  after: number | null = null,
): Promise<Speaker> {
  const socket = await openSocket(`${url}/socket.io/?EIO=4&transport=websocket`);
  const auth = after === null ? { room } : { room, serverOffset: after };
  const waiting = new Map<number, () => void>();
  let sent = 0;
  await new Promise<void>((resolve) => {
    socket.onMessage = (packet) => {
      const type = packet.slice(0, 2);
      if (type === EVENT) onDelivery(idOf(packet), packet);
      else if (type === ACKNOWLEDGEMENT) {
        const id = Number(packet.slice(2, packet.indexOf("[")));
        waiting.get(id)?.();
        waiting.delete(id);
      } else if (type === CONNECT) resolve();
      else if (type === CONNECT_ERROR) throw new Error(packet);
      else if (type.startsWith(OPEN)) socket.send(`${CONNECT}${JSON.stringify(auth)}`);
      else if (type === PING) socket.send(PONG);
    };
  });
  return {
    send: (body) =>
      new Promise((resolve) => {
        sent += 1;
        waiting.set(sent, resolve);
        const event = JSON.stringify(["chat message", body, randomUUID()]);
        socket.send(`${EVENT}${String(sent)}${event}`);
      }),
    close: () => {
      socket.close();
    },
  };
}

/** Returns the third element of `["chat message","content","id",…]`, without parsing the whole. */
function idOf(packet: string): number {
  const content = packet.indexOf(BETWEEN) + BETWEEN.length;
  const id = packet.indexOf(BETWEEN, content) + BETWEEN.length;
  return Number(packet.slice(id, packet.indexOf('"', id)));
}
