import { randomUUID } from "node:crypto";
import pg from "pg";
import { beforeAll, describe, expect, test } from "vitest";
import { payload, type TestClient } from "../kit/client.ts";
import { SEND_MESSAGE, type Room, type SendMessageResult } from "../kit/documents.ts";
import { createDatabase, type TestDatabase } from "../kit/database.ts";
import { eventually } from "../kit/eventually.ts";
import { onRelease } from "../kit/resources.ts";
import { seedOn } from "../kit/seed.ts";
import { startServer } from "../kit/server.ts";

const ROOMS = "{ rooms(first: 5) { edges { node { name } } } }";

let database: TestDatabase;
let ada: TestClient;
let room: Room;
/** A client that holds locks for which the server must wait. */
let rival: pg.Client;

beforeAll(async () => {
  database = await createDatabase();
  const server = await startServer({ databaseUrl: database.url });
  const seed = seedOn(server);
  room = await seed.user("ada").createsRoom("Room");
  ada = await seed.user("ada").client();
  rival = new pg.Client({ connectionString: database.url });
  await rival.connect();
  onRelease(() => rival.end());
});

/** Waits until connections of the server wait for the rival's lock, and ends them. */
async function hangUp(): Promise<void> {
  await eventually(async () => {
    const ended = await database.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    expect(ended.length).toBeGreaterThan(0);
  });
}

describe("when the database disconnects midway", () => {
  test("a query returns a retryable error, not a bug", async () => {
    await rival.query(`BEGIN; LOCK TABLE "Room" IN ACCESS EXCLUSIVE MODE`);
    const answer = ada.send(ROOMS);
    await hangUp();
    await rival.query("ROLLBACK");
    const { errors } = await answer;
    expect(errors[0]?.extensions).toMatchObject({ code: "UNAVAILABLE", retryAfterMs: 1_000 });
    expect((await ada.send(ROOMS)).errors).toEqual([]);
  });

  test("a send still succeeds, and is stored once", async () => {
    const listening = await ada.subscribe();
    await listening.next((event) => event.__typename === "Ready");
    await rival.query(`BEGIN; SELECT * FROM "LogHead" FOR UPDATE`);
    const input = { conversationId: room.id, body: "through", clientId: randomUUID() };
    const answer = ada.mutate<SendMessageResult>(SEND_MESSAGE, { input });
    await hangUp();
    await rival.query("ROLLBACK");
    const { sentMessage } = payload(await answer);
    await listening.next(
      (event) => event.__typename === "MessageSent" && event.message.id === sentMessage.id,
    );
    expect(
      await database.query(`SELECT 1 FROM "Message" WHERE "clientId" = $1`, [input.clientId]),
    ).toHaveLength(1);
  });
});
