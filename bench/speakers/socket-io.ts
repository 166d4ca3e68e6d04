import { randomUUID } from "node:crypto";
import { openSocket } from "./light-socket.ts";
import type { OnDelivery, Speaker } from "./speaker.ts";

/** Types of packets, as https://socket.io/docs/v4/socket-io-protocol names them. */
const PING = "2";
const PONG = "3";
const CONNECT = "40";
const EVENT = Buffer.from('42["chat message"');
const ACK = "43";

/**
 * The Socket.IO peers, over as light a socket as all others. Their ids rise, but need not be without gaps.
 *
 * @param after the id of the last message that is known already; null for none
 */
export async function socketIoSpeaker(
  url: string,
  room: string,
  onDelivery: OnDelivery,
  after: number | null = null,
): Promise<Speaker & { lastId(): number }> {
  const socket = await openSocket(`${url}/socket.io/?EIO=4&transport=websocket`);
  const waiting = new Map<string, () => void>();
  let last = after ?? 0;
  let acknowledgement = 0;
  await new Promise<void>((connected) => {
    socket.onMessage((data) => {
      if (data.subarray(0, EVENT.length).equals(EVENT)) {
        last = idIn(data);
        onDelivery(last, data);
        return;
      }
      const text = data.toString();
      if (text === PING) socket.send(PONG);
      else if (text.startsWith(CONNECT)) connected();
      else if (text.startsWith(ACK)) {
        const id = text.slice(ACK.length, text.indexOf("["));
        waiting.get(id)?.();
        waiting.delete(id);
      }
    });
    socket.send(
      `${CONNECT}${JSON.stringify(after === null ? { room } : { room, serverOffset: after })}`,
    );
  });
  return {
    send: (body) =>
      new Promise((resolve) => {
        acknowledgement += 1;
        const id = String(acknowledgement);
        waiting.set(id, resolve);
        socket.send(`42${id}${JSON.stringify(["chat message", body, randomUUID()])}`);
      }),
    close: () => {
      socket.close();
    },
    lastId: () => last,
  };
}

/** Behind the text, which has no quotation marks, as text itself: `42["chat message","…","17",…]`. */
function idIn(frame: Buffer): number {
  const end = frame.indexOf('","', EVENT.length + 2);
  const start = end + 3;
  return Number(frame.toString("latin1", start, frame.indexOf('"', start)));
}
