// A bare `ws` server that sends one ready string to every member of a room: no storage, no authorization,
// and the order of arrival. It is the lower bound of fan-out over this library.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocketServer, type WebSocket } from "ws";

interface Room {
  seq: number;
  members: Set<WebSocket>;
}

const server = createServer();
const sockets = new WebSocketServer({ server, perMessageDeflate: false });
const rooms = new Map<string, Room>();
sockets.on("connection", (socket, request) => {
  const name = request.url ?? "";
  const room = rooms.get(name) ?? { seq: 0, members: new Set() };
  rooms.set(name, room);
  room.members.add(socket);
  socket.on("close", () => room.members.delete(socket));
  socket.on("message", (data) => {
    // eslint-disable-next-line @typescript-eslint/no-base-to-string -- ws hands text over as a Buffer here
    const { body, clientId } = JSON.parse(data.toString()) as { body: string; clientId: string };
    room.seq += 1;
    const frame = JSON.stringify({
      type: "message",
      seq: room.seq,
      clientId,
      body,
      author: "somebody",
      createdAt: new Date(),
    });
    for (const receiver of room.members) receiver.send(frame);
    socket.send(JSON.stringify({ type: "ack", clientId }));
  });
});
server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`ready ws://127.0.0.1:${String((server.address() as AddressInfo).port)}\n`);
});
process.on("SIGTERM", () => process.exit(0));
