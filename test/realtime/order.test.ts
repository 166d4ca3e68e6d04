import { beforeAll, expect, test } from "vitest";
import { client } from "../kit/client.ts";
import { SEND_MESSAGE } from "../kit/documents.ts";
import { eventually } from "../kit/eventually.ts";
import { describeWith } from "../kit/needs.ts";
import { startCluster, type Cluster } from "./cluster.ts";
import {
  expectedOf,
  expectExactlyTheLog,
  expectHistoryOfTheLog,
  gatherCrowd,
  type Crowd,
} from "./crowd.ts";
import { isMessage, loggedMessages } from "./positions.ts";
import { ResumingClient } from "./resuming-client.ts";
import { inParallel, sendUntilAnswered } from "./sending.ts";

const MESSAGES = 2_000;
const SENDERS = 16;

describeWith("redis-server", "20 users in 4 rooms on two instances", () => {
  let cluster: Cluster;
  let crowd: Crowd;

  beforeAll(async () => {
    cluster = await startCluster();
    crowd = await gatherCrowd(cluster, { size: 20, rooms: 4 });
  });

  test("clients of both instances receive every message of their rooms once, in log order", async () => {
    const clients = crowd.members.map(
      ({ name, token }, index) =>
        new ResumingClient({ name, token, endpoints: () => cluster.instances, first: index }),
    );
    await Promise.all(clients.map((each) => each.start()));

    const numbers = Array.from({ length: MESSAGES }, (_, index) => index);
    const acknowledged = new Map<string, string>();
    await inParallel(numbers, SENDERS, async (number, worker) => {
      const sender = crowd.members[worker];
      const room = sender?.rooms[number % sender.rooms.length];
      if (!sender || !room) throw new Error("fewer members than senders");
      const http = client(cluster.instances[number % 2] ?? cluster.a).as(sender.token);
      const { message } = await sendUntilAnswered(
        (input) => http.mutate(SEND_MESSAGE, { input }),
        room.id,
        `message ${number}`,
      );
      acknowledged.set(message.id, message.body);
    });
    expect(acknowledged.size).toBe(MESSAGES);

    const log = await loggedMessages(cluster.database);
    expect(log).toHaveLength(MESSAGES);
    for (const [index, member] of crowd.members.entries()) {
      const received = clients[index]?.received ?? [];
      await eventually(
        () =>
          expect(received.filter(isMessage).length).toBeGreaterThanOrEqual(
            expectedOf(member, log).length,
          ),
        { timeoutMs: 15_000 },
      );
      expectExactlyTheLog(member, received, log);
    }
    expect(clients.map(({ connections }) => connections)).toEqual(clients.map(() => 1));
    expect(clients.flatMap(({ problems }) => problems)).toEqual([]);
    await expectHistoryOfTheLog(crowd, cluster.instances, log);
  });
});
