import { randomUUID } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import { payload } from "../kit/client.ts";
import { SEND_MESSAGE, type ChatEvent } from "../kit/documents.ts";
import { eventually } from "../kit/eventually.ts";
import { describeWith } from "../kit/needs.ts";
import { seedOn, type Actor, type Seed } from "../kit/seed.ts";
import { startCluster, type Cluster } from "./cluster.ts";
import { disorder, durablePositions, isMessage, positionOf } from "./positions.ts";
import { ResumingClient } from "./resuming-client.ts";
import { inParallel, sendUntilAnswered } from "./sending.ts";

const PAIRS = 6;
const MESSAGES = 240;
const WRITERS = 8;

describeWith("redis-server", "direct conversations on two instances", () => {
  let cluster: Cluster;
  let seed: Seed;

  beforeAll(async () => {
    cluster = await startCluster();
    seed = seedOn(cluster.a);
  });

  const via = (person: Actor, number: number): Actor =>
    person.via(cluster.instances[number % 2] ?? cluster.a);

  test("parallel opens of one direct conversation return the same one", async () => {
    for (let turn = 0; turn < 5; turn += 1) {
      const people = [0, 1, 2].map((number) => seed.user(`racer-${turn}-${number}`));
      await Promise.all(people.map((person) => person.signsUp()));
      const opened = await Promise.all(
        [0, 1, 2, 3, 4, 5].map((number) => {
          const opener = people[number % 3] ?? seed.user("nobody");
          return via(opener, number).opensDirect(...people.filter((person) => person !== opener));
        }),
      );
      expect(new Set(opened.map(({ id }) => id)).size).toBe(1);
      const [direct] = opened;
      if (direct === undefined) throw new Error("nothing was opened");
      await Promise.all(people.map((person, number) => via(person, number).says(direct, "first!")));
      const uuid = Buffer.from(direct.id, "base64").toString().split(":")[1];
      const rows = await cluster.database.query<{ type: string; count: number }>(
        `SELECT type, count(*)::int AS count FROM "Event" WHERE topic = $1 GROUP BY 1 ORDER BY 1`,
        [uuid],
      );
      expect(rows).toEqual([
        { type: "MEMBER_JOINED", count: 3 },
        { type: "MESSAGE_SENT", count: 3 },
      ]);
    }
  });

  test("participants receive a direct conversation once and in order from its first message, through lost connections", async () => {
    const people = Array.from({ length: PAIRS + 1 }, (_, number) => seed.user(`person-${number}`));
    const [hub, ...others] = people;
    if (!hub) throw new Error("the hub does not exist");
    const outsider = seed.user("outsider");
    const clients = await Promise.all(
      [...people, outsider].map(async (person, index) => {
        const { token } = await person.signsUp();
        const endpoints = (): Cluster["instances"] => cluster.instances;
        const client = new ResumingClient({
          name: person.username,
          token,
          endpoints,
          first: index,
        });
        await client.start();
        return client;
      }),
    );
    // One side opens each conversation, and the other side writes when it has received it.
    const directs = await Promise.all(others.map((other) => via(hub, 0).opensDirect(other)));
    const group = await hub.opensDirect(...others.slice(0, 3));
    const talks = [...directs, group];

    let sent = 0;
    const numbers = Array.from({ length: MESSAGES }, (_, number) => number);
    await inParallel(numbers, WRITERS, async (number) => {
      const index = number % talks.length;
      const talk = talks[index];
      if (!talk) throw new Error("no conversation");
      const other = others[index] ?? hub;
      const isKnown = clients[people.indexOf(other)]?.received.some(
        (event) => event.__typename === "MessageSent" && event.conversationId === talk.id,
      );
      const author = number % 2 === 0 && isKnown === true ? other : hub;
      await sendUntilAnswered(
        (input) => via(author, number).mutate(SEND_MESSAGE, { input }),
        talk.id,
        `message ${number}`,
      );
      sent += 1;
      if (sent % 15 === 0) clients[(sent / 15) % people.length]?.cut();
    });

    const logged = await cluster.database.query<{ position: number; people: string[] }>(
      `SELECT e.position::int AS position,
              array(SELECT u.username FROM "DirectPerson" p JOIN "User" u ON u.id = p."userId"
                    WHERE p."conversationId" = m."conversationId") AS people
       FROM "Event" e JOIN "Message" m ON m.id = e."messageId" WHERE m.body LIKE 'message %' ORDER BY 1`,
    );
    expect(logged).toHaveLength(MESSAGES);
    for (const { name, received, problems } of clients) {
      const due = logged.flatMap(({ position, people: those }) =>
        those.includes(name) ? position : [],
      );
      const places = (): number[] =>
        received.filter(isMessage).map(({ cursor }) => positionOf(cursor));
      await eventually(() => expect(places().length).toBeGreaterThanOrEqual(due.length), {
        timeoutMs: 15_000,
      });
      expect(places(), name).toEqual(due);
      expect(disorder(durablePositions(received))).toEqual([]);
      expect(problems).toEqual([]);
      expectEachIntroduced(name, received);
    }
    expect(clients.at(-1)?.received.filter(isMessage)).toEqual([]);
    expect(clients.slice(0, -1).some(({ connections }) => connections > 1)).toBe(true);
  });

  /** Checks that a client knew the conversation of every message before the message. */
  function expectEachIntroduced(name: string, received: readonly ChatEvent[]): void {
    const known = new Set<string>();
    for (const event of received) {
      if (event.__typename === "MemberJoined" && event.membership.user.username === name)
        known.add(event.conversationId);
      if (event.__typename === "MessageSent") expect(known, name).toContain(event.conversationId);
    }
  }

  test("a direct conversation starts once, even if its first message is repeated on both instances", async () => {
    const [one, other] = [seed.user("one"), seed.user("other")];
    const stream = await other.via(cluster.b).listens();
    const direct = await one.opensDirect(other);
    const input = { conversationId: direct.id, body: "hello", clientId: randomUUID() };
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, number) =>
        via(one, number).mutate<{ __typename: "SendMessagePayload"; cursor: string }>(
          SEND_MESSAGE,
          {
            input,
          },
        ),
      ),
    );
    expect(new Set(answers.map((answer) => payload(answer).cursor)).size).toBe(1);
    const { id } = await one.says(direct, "the end");
    await stream.next((event) => isMessage(event) && event.message.id === id);
    const seen = stream.all.filter(
      (event) => "conversationId" in event && event.conversationId === direct.id,
    );
    expect(seen.map(({ __typename }) => __typename)).toEqual([
      "MemberJoined",
      "MessageSent",
      "MessageSent",
    ]);
  });
});
