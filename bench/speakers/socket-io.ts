import { randomUUID } from "node:crypto";
import { io } from "socket.io-client";
import type { OnDelivery, Speaker } from "./speaker.ts";

/** The Socket.IO peer, with its own client. Its ids rise, but need not be without gaps. */
export async function socketIoSpeaker(
  url: string,
  room: string,
  onDelivery: OnDelivery,
): Promise<Speaker> {
  const socket = io(url.replace("ws", "http"), {
    transports: ["websocket"],
    forceNew: true,
    auth: { room },
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("connect_error", reject);
  });
  socket.on("chat message", (content: string, id: string) => {
    onDelivery(Number(id), content);
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
