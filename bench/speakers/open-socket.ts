import { WebSocket } from "ws";

/** Resolves when the socket is open. */
export function openSocket(url: string, protocol?: string): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, protocol, { perMessageDeflate: false });
    socket.once("open", () => {
      resolve(socket);
    });
    socket.once("error", reject);
  });
}
