import { beforeAll, describe, expect, test } from "vitest";
import { readConfig } from "../../server/config.ts";
import { makeSoloBus } from "../../server/infra/bus/solo-bus.ts";
import { openDatabase } from "../../server/infra/database/database.ts";
import { systemClock } from "../../server/kernel/clock.ts";
import { makeLogger } from "../../server/kernel/logger.ts";
import type { Services } from "../../server/graphql/services.ts";
import { createModules } from "../../server/modules.ts";
import { createDatabase, type TestDatabase } from "../kit/database.ts";
import type { Room, TypedError } from "../kit/documents.ts";
import {
  ADD_REACTION,
  DELETE_MESSAGE,
  EDIT_MESSAGE,
  PIN_MESSAGE,
  type ChangePayload,
} from "../kit/message-documents.ts";
import { onRelease } from "../kit/resources.ts";
import { seedOn, type Actor } from "../kit/seed.ts";
import { startServer } from "../kit/server.ts";

const HISTORY = /* GraphQL */ `
  query History($id: ID!) {
    node(id: $id) {
      ... on Conversation {
        lastSeq
        messages(last: 100) {
          edges {
            node {
              id
              seq
              kind
              body
              clientId
              author {
                username
              }
              system {
                type
                value
                target {
                  username
                }
              }
            }
          }
        }
      }
    }
  }
`;

interface Shown {
  id: string;
  seq: number;
  kind: string;
  body: string;
  clientId: string | null;
  author: { username: string };
  system: { type: string; value: string | null; target: { username: string } | null } | null;
}

let database: TestDatabase;
let services: Services;
let ada: Actor;
let bob: Actor;
let room: Room;
let rooms = 0;

const uuid = (globalId: string): string => Buffer.from(globalId, "base64").toString().slice(-36);

beforeAll(async () => {
  database = await createDatabase();
  const server = await startServer({ databaseUrl: database.url });
  const own = openDatabase({ url: database.url, size: 8 });
  services = createModules({
    config: readConfig({}),
    database: own,
    bus: makeSoloBus(),
    redis: null,
    logger: makeLogger({ level: "warn", base: {} }),
    clock: systemClock,
    instanceId: "test",
  }).services;
  await services.log.start();
  onRelease(async () => {
    await services.log.stop();
    await own.close();
  });
  const seed = seedOn(server);
  [ada, bob] = [seed.user("ada"), seed.user("bob")];
  await bob.signsUp();
});

async function newRoom(): Promise<{ conversationId: string; actorId: string; bobId: string }> {
  rooms += 1;
  room = await ada.createsRoom(`Room ${rooms}`);
  const [adaId, bobId] = [(await ada.signsUp()).user.id, (await bob.signsUp()).user.id];
  return { conversationId: uuid(room.id), actorId: uuid(adaId), bobId: uuid(bobId) };
}

async function history(): Promise<{ lastSeq: number; shown: Shown[] }> {
  const { node } = await ada.query<{
    node: { lastSeq: number; messages: { edges: { node: Shown }[] } };
  }>(HISTORY, { id: room.id });
  return { lastSeq: node.lastSeq, shown: node.messages.edges.map((edge) => edge.node) };
}

describe("system messages", () => {
  test("are stored in the order in which they were appended", async () => {
    const { conversationId, actorId, bobId } = await newRoom();
    await ada.says(room, "before");
    await services.log.write((unit) =>
      services.messages.addSystemMessage(
        unit,
        { conversationId, actorId, type: "TOPIC_CHANGED", value: "Tea" },
        { conversationId, actorId, type: "ROLE_CHANGED", targetId: bobId, value: "MODERATOR" },
      ),
    );
    await ada.says(room, "after");
    const { lastSeq, shown } = await history();
    expect(lastSeq).toBe(4);
    expect(shown.map(({ seq, kind, system }) => [seq, kind, system])).toEqual([
      [1, "TEXT", null],
      [2, "SYSTEM", { type: "TOPIC_CHANGED", value: "Tea", target: null }],
      [3, "SYSTEM", { type: "ROLE_CHANGED", value: "MODERATOR", target: { username: "bob" } }],
      [4, "TEXT", null],
    ]);
    expect(shown[1]).toMatchObject({ body: "", clientId: null, author: { username: "ada" } });
    const heads = await database.query(
      `SELECT counted, "lastSeq" FROM "ConversationHead" WHERE "conversationId" = $1`,
      [conversationId],
    );
    expect(heads).toEqual([{ counted: 2, lastSeq: 4 }]);
  });

  test("keep numbers and positions gapless beside parallel sends, in several rooms", async () => {
    const { conversationId: first, actorId } = await newRoom();
    const talking = room;
    const { conversationId: second } = await newRoom();
    const systemMessages = Array.from({ length: 10 }, (_, n) =>
      services.log.write(async (unit) => {
        const note = { actorId, type: "TOPIC_CHANGED", value: String(n) } as const;
        await services.messages.addSystemMessage(unit, { ...note, conversationId: first });
        await services.messages.addSystemMessage(
          unit,
          { ...note, conversationId: second },
          { ...note, conversationId: first },
        );
      }),
    );
    const said = Array.from({ length: 30 }, (_, n) => ada.says(talking, `message ${n}`));
    await Promise.all([...systemMessages, ...said]);
    const rows = await database.query<{ seq: number; position: string; conversationId: string }>(
      `SELECT m.seq, m.position, m."conversationId" FROM "Message" m
       JOIN "Event" e ON e.position = m.position AND e."messageId" = m.id
       WHERE m."conversationId" = ANY($1::uuid[]) ORDER BY m.position`,
      [[first, second]],
    );
    const seqs = (id: string): number[] =>
      rows.flatMap(({ conversationId, seq }) => (conversationId === id ? seq : []));
    expect(seqs(first)).toEqual(Array.from({ length: 50 }, (_, n) => n + 1));
    expect(seqs(second)).toEqual(Array.from({ length: 10 }, (_, n) => n + 1));
  });

  test("can be neither edited, deleted nor pinned; users may react and reply to them", async () => {
    const { conversationId, actorId } = await newRoom();
    await services.log.write((unit) =>
      services.messages.addSystemMessage(unit, {
        conversationId,
        actorId,
        type: "ROOM_UNARCHIVED",
      }),
    );
    const [note] = (await history()).shown;
    if (note === undefined) throw new Error("no system message was stored");
    for (const document of [EDIT_MESSAGE, DELETE_MESSAGE, PIN_MESSAGE]) {
      const input = { messageId: note.id, ...(document === EDIT_MESSAGE ? { body: "else" } : {}) };
      expect(await ada.mutate<TypedError | ChangePayload>(document, { input })).toMatchObject({
        code: "NOT_ALLOWED",
      });
    }
    expect(
      await ada.mutate<TypedError | ChangePayload>(ADD_REACTION, {
        input: { messageId: note.id, emoji: "👋" },
      }),
    ).toMatchObject({ changed: { reactions: [{ emoji: "👋", count: 1 }] } });
    expect(await ada.says(room, "welcome back", { replyToId: note.id })).toMatchObject({
      replyTo: { id: note.id },
    });
  });

  test("of a type unknown to this version are still shown", async () => {
    const { conversationId, actorId } = await newRoom();
    await services.log.write((unit) =>
      services.messages.addSystemMessage(unit, { conversationId, actorId, type: "ROOM_ARCHIVED" }),
    );
    await database.query(
      `UPDATE "Message" SET system = '{"type":"FROM_THE_FUTURE","value":"x","targetId":null}'
       WHERE "conversationId" = $1`,
      [conversationId],
    );
    expect((await history()).shown[0]?.system).toEqual({ type: "OTHER", value: "x", target: null });
  });
});
