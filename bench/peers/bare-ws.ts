// A bare `ws` server that sends one ready string to everyone: no storage, no authorization, no order
// but arrival's. The least that fan-out over this library can cost.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";

const server = createServer();
const sockets = new WebSocketServer({ server, perMessageDeflate: false });
let seq = 0;
sockets.on("connection", (socket) => {
  socket.on("message", (data) => {
    // eslint-disable-next-line @typescript-eslint/no-base-to-string -- ws hands text over as a Buffer here
    const { body, clientId } = JSON.parse(data.toString()) as { body: string; clientId: string };
    seq += 1;
    const frame = JSON.stringify({
      type: "message",
      seq,
      clientId,
      body,
      author: "somebody",
      createdAt: new Date(),
    });
    for (const receiver of sockets.clients) receiver.send(frame);
    socket.send(JSON.stringify({ type: "ack", clientId }));
  });
});
server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`ready ws://127.0.0.1:${String((server.address() as AddressInfo).port)}\n`);
});
process.on("SIGTERM", () => process.exit(0));
