// A chat as Socket.IO's documentation builds it (https://socket.io/docs/v4/tutorial/introduction),
// with PostgreSQL and the Redis adapter: every message is stored before it is sent on and acknowledged.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createAdapter } from "@socket.io/redis-adapter";
import { Redis } from "ioredis";
import pg from "pg";
import { Server } from "socket.io";

const pool = new pg.Pool({ connectionString: process.env["DATABASE_URL"], max: 20 });
await pool.query(
  `CREATE TABLE IF NOT EXISTS socket_io_messages (
     id bigserial PRIMARY KEY, room text NOT NULL, client_offset text UNIQUE, author text, content text,
     created_at timestamptz DEFAULT now())`,
);
const publisher = new Redis(process.env["REDIS_URL"] ?? "");
const server = createServer();
const io = new Server(server, { adapter: createAdapter(publisher, publisher.duplicate()) });
io.on("connection", (socket) => {
  const { room } = socket.handshake.auth as { room: string };
  void socket.join(room);
  socket.on("chat message", (content: string, clientOffset: string, acknowledge: () => void) => {
    pool
      .query<{ id: string }>(
        `INSERT INTO socket_io_messages (room, content, client_offset, author) VALUES ($1, $2, $3, $4) RETURNING id`,
        [room, content, clientOffset, socket.id],
      )
      .then(({ rows }) => {
        io.to(room).emit("chat message", content, rows[0]?.id, clientOffset, socket.id);
        acknowledge();
      })
      .catch((error: unknown) => {
        process.stderr.write(`${String(error)}\n`);
      });
  });
});
server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`ready ws://127.0.0.1:${String((server.address() as AddressInfo).port)}\n`);
});
process.on("SIGTERM", () => process.exit(0));
