import { randomUUID } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import { LOG_IN, type LogInResult, type Room } from "../kit/documents.ts";
import { client, payload, PASSWORD, type TestClient } from "../kit/client.ts";
import { eventually } from "../kit/eventually.ts";
import { describeWith } from "../kit/needs.ts";
import { UNREAD, type Audit, type UnreadData } from "../kit/receipt-documents.ts";
import { seedOn } from "../kit/seed.ts";
import { connect, type Socket } from "../kit/socket.ts";
import { startCluster, type Cluster } from "./cluster.ts";
import { Device, freshCounts } from "./device.ts";
import { makeRandom, type Random } from "./random.ts";
import { inParallel } from "./sending.ts";

const PEOPLE = 6;
const ROOMS = 4;
const WORKERS = 24;

/** A user with two devices, one on each instance. */
interface Person {
  name: string;
  client: TestClient;
  sockets: Socket[];
  devices: Device[];
}

const mutation = (name: string, field: string): string => {
  const type = `${name[0]?.toUpperCase() ?? ""}${name.slice(1)}Input`;
  return `mutation($input: ${type}!) { ${name}(input: $input) { __typename ... on Error { code message } ${field} } }`;
};
const SEND = mutation("sendMessage", "... on SendMessagePayload { sentMessage { id seq } }");
const PLAIN = Object.fromEntries(
  ["editMessage", "deleteMessage", "markRead", "markUnread", "markDelivered"]
    .concat(["joinRoom", "leaveRoom"])
    .map((name) => [name, mutation(name, "")]),
);

interface Outcome {
  __typename: string;
  code?: string;
  sentMessage?: { id: string; seq: number };
}

/** Errors that operations may return when they race with others. */
const EXPECTED = ["NOT_A_MEMBER", "NOT_ALLOWED", "DELETED"];

/**
 * Users who randomly do everything that changes unread counts, with a model that contains only message
 * ids.
 */
class Crowd {
  readonly people: Person[] = [];
  readonly done: Record<string, number> = {};
  readonly #rooms: { id: string; messages: { id: string; author: string }[]; lastSeq: number }[] =
    [];

  static async gather(cluster: Cluster): Promise<Crowd> {
    const crowd = new Crowd();
    const seed = seedOn(cluster.a);
    // Owns the rooms and stays, so that all others may join and leave.
    const host = seed.user("host");
    const rooms: Room[] = [];
    for (let index = 0; index < ROOMS; index += 1) {
      rooms.push(await host.createsRoom(`Room ${index}`, { slug: `room-${index}` }));
    }
    for (const { id } of rooms) crowd.#rooms.push({ id, messages: [], lastSeq: 0 });
    for (let index = 0; index < PEOPLE; index += 1) {
      const actor = seed.user(`person-${index}`);
      const { token, user } = await actor.signsUp();
      for (const room of rooms) await actor.joins(room);
      const second = payload(
        await client(cluster.b).mutate<LogInResult>(LOG_IN, {
          input: { username: user.username, password: PASSWORD },
        }),
      ).token;
      const devices: Device[] = [];
      const sockets: Socket[] = [];
      for (const [endpoint, itsToken] of [
        [cluster.a, token] as const,
        [cluster.b, second] as const,
      ]) {
        const name = `${user.username} on ${endpoint === cluster.a ? "a" : "b"}`;
        const device = new Device({ name, userId: user.id, token: itsToken, endpoint });
        await device.start();
        devices.push(device);
        sockets.push(await connect(endpoint, { token: itsToken }));
      }
      const own = await actor.client();
      crowd.people.push({ name: user.username, client: own, devices, sockets });
    }
    return crowd;
  }

  /** Runs a number of random operations, many in parallel. */
  async act(random: Random, operations: number): Promise<void> {
    const turns = Array.from({ length: operations }, (_, index) => index);
    await inParallel(turns, WORKERS, async () => {
      const person = random.pick(this.people);
      const socket = random.pick(person.sockets);
      const room = random.pick(this.#rooms);
      const message = room.messages.length === 0 ? undefined : random.pick(room.messages);
      const conversationId = room.id;
      const seq = 1 + random.below(room.lastSeq + 2);
      const recent = Math.max(1, room.lastSeq - random.below(4));
      const draw = random.below(100);
      if (draw < 34) {
        const body = random.below(4) === 0 ? `hey @person-${random.below(PEOPLE)}` : "hey";
        const input = { conversationId, body, clientId: randomUUID() };
        const { sentMessage } = await this.#run(socket, "send", SEND, input);
        if (sentMessage === undefined) return;
        room.messages.push({ id: sentMessage.id, author: person.name });
        room.lastSeq = Math.max(room.lastSeq, sentMessage.seq);
      } else if (draw < 37) {
        if (message === undefined) return;
        const body = random.below(2) === 0 ? `hey @person-${random.below(PEOPLE)}` : "edited";
        await this.#run(socket, "edit", PLAIN["editMessage"], { messageId: message.id, body });
      } else if (draw < 43) {
        // Mostly one's own, because others' messages may not be deleted; often one that others are just
        // reading.
        const own = room.messages.filter(({ author }) => author === person.name);
        const chosen = random.below(2) === 0 ? own.at(-1) : own[random.below(own.length)];
        if (chosen === undefined) return;
        await this.#run(socket, "delete", PLAIN["deleteMessage"], { messageId: chosen.id });
      } else if (draw < 73) {
        const to = random.below(3) === 0 ? seq : recent;
        await this.#run(socket, "read", PLAIN["markRead"], { conversationId, seq: to });
      } else if (draw < 82) {
        const from = random.below(2) === 0 ? seq : recent;
        await this.#run(socket, "unread", PLAIN["markUnread"], { conversationId, seq: from });
      } else if (draw < 91) {
        const marks = this.#rooms.map(({ id, lastSeq }) => ({ conversationId: id, seq: lastSeq }));
        await this.#run(socket, "deliver", PLAIN["markDelivered"], { marks });
      } else if (draw < 94) {
        await this.#run(socket, "leave", PLAIN["leaveRoom"], { roomId: room.id });
      } else if (draw < 98) {
        await this.#run(socket, "join", PLAIN["joinRoom"], { roomId: room.id });
      } else {
        this.#count("reconnect");
        random.pick(person.devices).cut();
      }
    });
  }

  get operations(): number {
    return Object.values(this.done).reduce((sum, count) => sum + count, 0);
  }

  #count(what: string): void {
    this.done[what] = (this.done[what] ?? 0) + 1;
  }

  async #run(
    socket: Socket,
    what: string,
    document: string | undefined,
    input: Record<string, unknown>,
  ): Promise<Outcome> {
    if (document === undefined) throw new Error(`nothing to send for ${what}`);
    const { data, errors } = await socket.execute<Record<string, Outcome>>(document, { input });
    const [outcome] = Object.values(data ?? {});
    if (outcome === undefined) throw new Error(JSON.stringify(errors));
    if (outcome.code !== undefined && !EXPECTED.includes(outcome.code))
      throw new Error(`${what}: ${JSON.stringify(outcome)}`);
    this.#count(what);
    return outcome;
  }
}

async function auditOf(person: Person): Promise<Audit[]> {
  const { viewer } = await person.client.query<UnreadData>(UNREAD, { first: 100 });
  return viewer.unreadAudit.edges.map(({ node }) => node);
}

describeWith("redis-server", "unread counts on two instances", () => {
  let cluster: Cluster;
  let crowd: Crowd;

  beforeAll(async () => {
    cluster = await startCluster({ REPLAY_LIMIT: "100000" });
    crowd = await Crowd.gather(cluster);
  });

  /** Checks that all counts agree with each other and with the messages. */
  async function expectNoDifference(): Promise<void> {
    for (const person of crowd.people) {
      const fresh = await freshCounts(person.client);
      for (const device of person.devices) {
        await eventually(() => expect(device.counts, device.name).toEqual(fresh), {
          timeoutMs: 10_000,
        });
        expect(device.problems).toEqual([]);
      }
      const audit = await auditOf(person);
      expect(audit).toHaveLength(Object.keys(fresh.conversations).length);
      expect(
        audit.filter(({ agrees }) => !agrees),
        person.name,
      ).toEqual([]);
    }
    // Including counters without a public field, read from the database.
    const wrong = await cluster.database.query(
      `SELECT h.counted, h."lastSeq", m."lastReadSeq", m."readCounted", m."lastDeliveredSeq", said.total, said.read
       FROM "Membership" m JOIN "ConversationHead" h USING ("conversationId")
       CROSS JOIN LATERAL (
         SELECT count(*)::int AS total, count(*) FILTER (WHERE t.seq <= m."lastReadSeq")::int AS read
         FROM "Message" t
         WHERE t."conversationId" = m."conversationId" AND t.kind = 'TEXT' AND t."deletedAt" IS NULL
       ) said
       WHERE m."leftPosition" IS NULL
         AND (h.counted <> said.total OR m."readCounted" <> said.read
              OR m."lastDeliveredSeq" < m."lastReadSeq" OR h."lastSeq" < m."lastDeliveredSeq")`,
    );
    expect(wrong).toEqual([]);
  }

  test("all unread counts agree after 10,000 random operations of 6 users with two devices each", async () => {
    const random = makeRandom("unread");
    while (crowd.operations < 10_000) await crowd.act(random, 2_500);
    expect(Object.keys(crowd.done).sort()).toEqual([
      "delete",
      "deliver",
      "edit",
      "join",
      "leave",
      "read",
      "reconnect",
      "send",
      "unread",
    ]);
    await expectNoDifference();
  }, 300_000);

  test("all unread counts agree again after a Redis outage", async () => {
    const random = makeRandom("unread without Redis");
    await crowd.act(random, 300);
    await cluster.redis.kill();
    await crowd.act(random, 300);
    await cluster.redis.start();
    await crowd.act(random, 300);
    await expectNoDifference();
  });
});
