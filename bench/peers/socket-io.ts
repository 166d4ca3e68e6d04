// A chat as built in Socket.IO's documentation (https://socket.io/docs/v4/tutorial/introduction), with
// PostgreSQL and the Redis adapter: it stores every message before it sends and acknowledges it, and
// replays stored messages to returning clients (its step 7, "Server delivery"). With TUNED=true it is
// optimized for speed: no adapter for a single instance, one prepared INSERT, and the best number of
// PostgreSQL connections.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createAdapter } from "@socket.io/redis-adapter";
import { Redis } from "ioredis";
import pg from "pg";
import { Server } from "socket.io";

const tuned = process.env["TUNED"] === "true";
const pool = new pg.Pool({
  connectionString: process.env["DATABASE_URL"],
  max: tuned ? 50 : 20,
});
await pool.query(
  `CREATE TABLE IF NOT EXISTS socket_io_messages (
     id bigserial PRIMARY KEY, room text NOT NULL, client_offset text UNIQUE, author text, content text,
     created_at timestamptz DEFAULT now())`,
);
await pool.query(`CREATE INDEX IF NOT EXISTS socket_io_rooms ON socket_io_messages (room, id)`);

interface Row {
  id: string;
  content: string;
  client_offset: string;
  author: string;
}

const INSERT = `INSERT INTO socket_io_messages (room, content, client_offset, author) VALUES ($1, $2, $3, $4) RETURNING id`;
const store = async (...values: string[]): Promise<string> => {
  const query = tuned ? { name: "store", text: INSERT, values } : { text: INSERT, values };
  const { rows } = await pool.query<Row>(query);
  return rows[0]?.id ?? "";
};

const server = createServer();
const publisher = tuned ? null : new Redis(process.env["REDIS_URL"] ?? "");
const io = new Server(server, {
  ...(publisher === null ? {} : { adapter: createAdapter(publisher, publisher.duplicate()) }),
  ...(tuned ? { transports: ["websocket"], serveClient: false } : {}),
});
io.on("connection", (socket) => {
  const { room, serverOffset } = socket.handshake.auth as { room: string; serverOffset?: number };
  void socket.join(room);
  socket.on("chat message", (content: string, clientOffset: string, acknowledge: () => void) => {
    store(room, content, clientOffset, socket.id)
      .then((id) => {
        io.to(room).emit("chat message", content, id, clientOffset, socket.id);
        acknowledge();
      })
      .catch((error: unknown) => {
        process.stderr.write(`${String(error)}\n`);
      });
  });
  if (serverOffset === undefined) return;
  pool
    .query<Row>(
      `SELECT id, content, client_offset, author FROM socket_io_messages WHERE room = $1 AND id > $2 ORDER BY id`,
      [room, serverOffset],
    )
    .then(({ rows }) => {
      for (const row of rows)
        socket.emit("chat message", row.content, row.id, row.client_offset, row.author);
    })
    .catch((error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
    });
});
server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`ready ws://127.0.0.1:${String((server.address() as AddressInfo).port)}\n`);
});
process.on("SIGTERM", () => process.exit(0));
