import { randomUUID } from "node:crypto";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { payload } from "../kit/client.ts";
import {
  SEND_MESSAGE,
  type ChatEvent,
  type ChatMessage,
  type Room,
  type SendMessageResult,
} from "../kit/documents.ts";
import { describeWith } from "../kit/needs.ts";
import { seedOn, type Actor } from "../kit/seed.ts";
import type { Endpoint, Subscription } from "../kit/socket.ts";
import { startCluster, type Cluster } from "./cluster.ts";
import { isMessage } from "./positions.ts";

describeWith("redis-server", "sends that repeat a clientId make one message", () => {
  let cluster: Cluster;
  let ada: Actor;
  let ben: Actor;
  let room: Room;
  /** The streams of other members, through both instances. */
  let listening: Subscription<ChatEvent>[];
  let clientId: string;

  beforeAll(async () => {
    cluster = await startCluster();
    const seed = seedOn(cluster.a);
    ada = seed.user("ada");
    ben = seed.user("ben");
    room = await ada.createsRoom("Room");
    await ben.joins(room);
    listening = await Promise.all(
      cluster.instances.map((endpoint) => ben.via(endpoint).listens({ types: ["MESSAGE_SENT"] })),
    );
  });

  beforeEach(() => {
    clientId = randomUUID();
  });

  async function send(
    endpoint: Endpoint,
    body: string,
    { as = ada, to = room, id = clientId }: { as?: Actor; to?: Pick<Room, "id">; id?: string } = {},
  ): Promise<{ sentMessage: ChatMessage; cursor: string }> {
    const input = { conversationId: to.id, body, clientId: id };
    return payload(await as.via(endpoint).mutate<SendMessageResult>(SEND_MESSAGE, { input }));
  }

  /**
   * Checks that all responses are equal, that the message is stored once, and that every stream received
   * it once.
   */
  async function expectOne(
    answers: readonly { sentMessage: ChatMessage; cursor: string }[],
  ): Promise<ChatMessage> {
    const [first] = answers;
    if (!first) throw new Error("no answers");
    for (const answer of answers) expect(answer).toEqual(first);
    const rows = await cluster.database.query(
      `SELECT e.position FROM "Event" e JOIN "Message" m ON m.id = e."messageId"
       WHERE m."clientId" = $1`,
      [clientId],
    );
    expect(rows).toHaveLength(1);
    const { sentMessage: after } = await send(cluster.a, "the next", { id: randomUUID() });
    expect(after.seq).toBe(first.sentMessage.seq + 1);
    for (const stream of listening) {
      await stream.next((event) => isMessage(event) && event.message.id === after.id);
      const received = stream.all.filter(
        (event) => event.__typename === "MessageSent" && event.message.clientId === clientId,
      );
      expect(received).toMatchObject([{ cursor: first.cursor, message: first.sentMessage }]);
    }
    return first.sentMessage;
  }

  test("repeated sends in sequence store one message", async () => {
    const answers = [await send(cluster.a, "hello"), await send(cluster.a, "hello")];
    await expectOne([...answers, await send(cluster.b, "hello")]);
  });

  test("50 parallel sends store one message", async () => {
    await expectOne(
      await Promise.all(Array.from({ length: 50 }, () => send(cluster.a, "all at once"))),
    );
  });

  test("50 parallel sends over two instances store one message", async () => {
    await expectOne(
      await Promise.all(
        Array.from({ length: 50 }, (_, number) =>
          send(cluster.instances[number % 2] ?? cluster.a, "from everywhere"),
        ),
      ),
    );
  });

  test("a repeated send with another text returns the first message", async () => {
    const first = await send(cluster.a, "first");
    const message = await expectOne([first, await send(cluster.b, "second")]);
    expect(message.body).toBe("first");
  });

  test("parallel sends with different texts store one of them", async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, number) =>
        send(cluster.instances[number % 2] ?? cluster.a, `text ${number}`),
      ),
    );
    const message = await expectOne(answers);
    expect(message.body).toMatch(/^text \d+$/);
  });

  test("a client id in capitals identifies the same message", async () => {
    const first = await send(cluster.a, "hello");
    await expectOne([first, await send(cluster.b, "hello", { id: clientId.toUpperCase() })]);
  });

  test("a repeated send to another room returns the first message", async () => {
    const other = await ada.createsRoom("Another room");
    const first = await send(cluster.a, "here");
    await expectOne([first, await send(cluster.b, "there", { to: other })]);
  });

  test("a repeated send after leaving returns the first message", async () => {
    const mine = await send(cluster.a, "mine", { as: ben });
    await ben.leaves(room);
    expect(await send(cluster.b, "mine", { as: ben })).toEqual(mine);
    await ben.joins(room);
  });

  test("equal client ids of different users are different messages", async () => {
    const mine = await send(cluster.a, "mine");
    const theirs = await send(cluster.b, "theirs", { as: ben });
    expect(theirs.sentMessage.id).not.toBe(mine.sentMessage.id);
    expect(theirs.sentMessage.body).toBe("theirs");
  });
});
