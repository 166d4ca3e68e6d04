// Writes messages from this process as fast as they are acknowledged: through Parley's own batch writer,
// without server and delivery, or by plain one-row INSERTs.
import pg from "pg";
import {
  makeMessageStore,
  type Draft,
  type SendOutcome,
} from "../../server/domain/message/message.store.ts";
import { openDatabase } from "../../server/infra/database/database.ts";
import { newId } from "../../server/kernel/ids.ts";
import { makeBatchWriter } from "../../server/log/batch-writer.ts";
import { pause, serveParent } from "../child.ts";
import { quantile } from "../measurement.ts";
import type { Crowd } from "../people.ts";

export interface AppendRequest {
  what: "batchWriter" | "inserts";
  databaseUrl: string;
  /** The users and their rooms; only the batch writer checks permissions. */
  crowd: Crowd | null;
  /** Number of parallel writers. */
  clients: number;
}

export interface AppendResult {
  /** Acknowledged messages per second. */
  rate: number;
  /** Milliseconds until the acknowledgement. */
  p50: number;
  p99: number;
}

const BODY =
  "A message of some hundred characters, as people write them when they have something to say.";
const POOL = 20;
const WARM_UP_MS = 500;

/** Writes one message for a client number; resolves when it is durable. */
type Write = (client: number) => Promise<void>;

function throughBatchWriter(databaseUrl: string, crowd: Crowd): Write {
  const store = makeMessageStore(openDatabase({ url: databaseUrl, size: POOL }));
  const batchWriter = makeBatchWriter<Draft, SendOutcome>({
    write: store.append,
    publish: () => undefined,
    isTransient: () => false,
    queueLimit: 10_000,
  });
  const authors = crowd.userIds.map((id) => ({
    id,
    username: "somebody",
    usernameKey: "somebody",
    displayName: "Somebody",
    createdAt: new Date(),
    avatarId: null,
    statusText: null,
    changedAt: null,
  }));
  return async (client) => {
    const index = client % authors.length;
    const author = authors[index];
    if (author === undefined) throw new Error("There is no user to write");
    const { status } = await batchWriter.append({
      id: newId(),
      conversationId: crowd.rooms[index] ?? "",
      author,
      clientId: newId(),
      body: BODY,
      replyToId: null,
      threadRootId: null,
      mentions: [],
      attachments: [],
    });
    if (status !== "SENT") throw new Error(`Not sent: ${status}`);
  };
}

async function byInserts(databaseUrl: string, clients: number): Promise<Write> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: clients });
  await pool.query(
    `CREATE TABLE IF NOT EXISTS plain_messages (
       id uuid PRIMARY KEY, room uuid NOT NULL, author uuid NOT NULL, client_id uuid NOT NULL, body text NOT NULL,
       created_at timestamptz NOT NULL DEFAULT now(), UNIQUE (author, client_id))`,
  );
  const people = Array.from({ length: clients }, () => newId());
  return async (client) => {
    await pool.query({
      name: "insert",
      text: `INSERT INTO plain_messages (id, room, author, client_id, body) VALUES ($1, $2, $3, $4, $5)`,
      values: [newId(), people[client], people[client], newId(), BODY],
    });
  };
}

let write: Write | null = null;
let clients = 0;

async function run(forMs: number): Promise<AppendResult> {
  const times: number[] = [];
  let running = true;
  const begin = performance.now();
  const writers = Array.from({ length: clients }, async (_, client) => {
    while (running) {
      const at = performance.now();
      await write?.(client);
      times.push(performance.now() - at);
    }
  });
  await pause(forMs);
  running = false;
  await Promise.all(writers);
  const seconds = (performance.now() - begin) / 1_000;
  return { rate: times.length / seconds, p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
}

serveParent<AppendRequest | { seconds: number }>(async (message) => {
  if ("seconds" in message) return run(message.seconds * 1_000);
  const { what, databaseUrl, crowd } = message;
  ({ clients } = message);
  if (what === "inserts") write = await byInserts(databaseUrl, clients);
  else if (crowd !== null) write = throughBatchWriter(databaseUrl, crowd);
  await run(WARM_UP_MS);
  return null;
});
