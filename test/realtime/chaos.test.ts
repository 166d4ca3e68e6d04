import { beforeAll, expect, test } from "vitest";
import { client } from "../kit/client.ts";
import { SEND_MESSAGE, type SendMessageResult } from "../kit/documents.ts";
import { eventually } from "../kit/eventually.ts";
import { describeWith } from "../kit/needs.ts";
import { startServer, type TestServer } from "../kit/server.ts";
import { makeScript } from "./chaos.ts";
import { startCluster, type Cluster } from "./cluster.ts";
import {
  expectedOf,
  expectExactlyTheLog,
  expectHistoryOfTheLog,
  gatherCrowd,
  type Crowd,
  type Member,
} from "./crowd.ts";
import { startLoadBalancer } from "../kit/load-balancer.ts";
import { isMessage, loggedMessages, type ReceivedEvent } from "./positions.ts";
import { makeRandom } from "./random.ts";
import { ResumingClient } from "./resuming-client.ts";
import { SdkClient } from "./sdk-client.ts";
import { inParallel, sendUntilAnswered, type Acknowledged } from "./sending.ts";

const MESSAGES = 2_000;
const SENDERS = 16;
/** The last members of the crowd use the SDK; all others are protocol clients. */
const RAW_CLIENTS = 14;
/** Number of acknowledged messages between two cuts of a socket. */
const CUT_EVERY = 10;
/** Number of acknowledged messages between two steps of a larger fault. */
const STEP_EVERY = 200;

describeWith("redis-server", "20 users during failures of every part", () => {
  let cluster: Cluster;
  let crowd: Crowd;

  beforeAll(async () => {
    cluster = await startCluster();
    crowd = await gatherCrowd(cluster, { size: 20, rooms: 4 });
  });

  test("clients miss no acknowledged message, receive none twice, and all in log order", async () => {
    const random = makeRandom("chaos");
    const { a, b, redis, database } = cluster;
    let instances: TestServer[] = [a, b];
    const balancer = await startLoadBalancer(() => instances);

    const raw = crowd.members
      .slice(0, RAW_CLIENTS)
      .map(
        ({ name, token }, index) =>
          new ResumingClient({ name, token, endpoints: () => instances, first: index }),
      );
    const programs = crowd.members
      .slice(RAW_CLIENTS)
      .map(({ name, token }) => new SdkClient({ name, token, endpoint: balancer }));
    const beginning = await crowd.members[0]?.actor.query<{ viewer: { cursor: string } }>(
      "{ viewer { cursor } }",
    );
    for (const program of programs) program.start(beginning?.viewer.cursor ?? "");
    await Promise.all(raw.map((each) => each.start()));

    const script = makeScript(
      [
        () => redis.kill(),
        () => redis.start(),
        () => b.kill(),
        async () => {
          instances = [a, await startServer({ databaseUrl: database.url, redisUrl: redis.url })];
        },
        () =>
          database.query(
            `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = current_database() AND pid <> pg_backend_pid()`,
          ),
        () => redis.stop(),
        () => redis.start(),
      ],
      STEP_EVERY,
    );

    const acknowledged: Acknowledged[] = [];
    const attempt = (sender: Member, index: number, input: object): Promise<SendMessageResult> => {
      const overSocket = random.below(2) === 0 && raw[index];
      if (overSocket) return overSocket.send({ ...input });
      return client(random.pick(instances)).as(sender.token).mutate(SEND_MESSAGE, { input });
    };
    const sent: string[] = [];
    function* numbers(): Generator<number> {
      for (let number = 0; number < MESSAGES || !script.isOver; number += 1) yield number;
    }
    await inParallel(numbers(), SENDERS, async (number, worker) => {
      const sender = crowd.members[worker];
      const room = sender?.rooms[number % sender.rooms.length];
      if (!sender || !room) throw new Error("fewer members than senders");
      const body = `message ${number}`;
      sent.push(body);
      const program = programs[worker - RAW_CLIENTS];
      if (program) await program.send(room.id, body);
      else {
        const repeat = (input: object): Promise<SendMessageResult> =>
          attempt(sender, worker, input);
        const answer = await sendUntilAnswered(repeat, room.id, body);
        expect(answer.message.body).toBe(body);
        acknowledged.push(answer);
      }
      script.progress();
      if (number % CUT_EVERY === 0) random.pick(raw).cut();
      if (number % (4 * CUT_EVERY) === 0) balancer.cut(random.below);
    });
    expect(script.failures).toEqual([]);

    const log = await loggedMessages(database);
    expect(log.map(({ body }) => body).toSorted()).toEqual(sent.toSorted());
    const receivers: { received: readonly ReceivedEvent[] }[] = [...raw, ...programs];
    for (const [index, member] of crowd.members.entries()) {
      const received = receivers[index]?.received ?? [];
      const expected = expectedOf(member, log).length;
      await eventually(
        () => expect(received.filter(isMessage).length).toBeGreaterThanOrEqual(expected),
        { timeoutMs: 20_000 },
      );
      expectExactlyTheLog(member, received, log);
      expect(received.filter(({ __typename }) => __typename === "EventGap")).toEqual([]);
    }
    expect(programs.flatMap(({ problems }) => problems)).toEqual([]);
    // Errors that protocol clients may receive while the database is disconnected; the SDK retries.
    const unexpected = raw
      .flatMap(({ problems }) => problems)
      .filter(({ extensions }) => extensions?.code !== "UNAVAILABLE");
    expect(unexpected).toEqual([]);
    await expectHistoryOfTheLog(crowd, instances, log);

    // Ensures that enough faults occurred.
    const connections = raw.reduce((sum, each) => sum + each.connections, 0);
    expect(connections).toBeGreaterThan(100);
    expect(acknowledged.some(({ tries }) => tries > 1)).toBe(true);
  });
});
