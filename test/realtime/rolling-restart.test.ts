import { setTimeout as delay } from "node:timers/promises";
import { createParley, type Message, type Parley } from "@parley/sdk";
import { beforeAll, expect, test } from "vitest";
import type { Room } from "../kit/documents.ts";
import { eventually } from "../kit/eventually.ts";
import { startLoadBalancer, type LoadBalancer } from "../kit/load-balancer.ts";
import { describeWith } from "../kit/needs.ts";
import { onRelease } from "../kit/resources.ts";
import { seedOn } from "../kit/seed.ts";
import { startServer, type TestServer } from "../kit/server.ts";
import { startCluster, type Cluster } from "./cluster.ts";

const PEOPLE = 5;
/** Pause between two rounds of actions, because the starting instance needs the processor, too. */
const PAUSE_MS = 40;

/** A user's program, which acts and follows the actions of others. */
interface Program {
  parley: Parley;
  /** The received message numbers. */
  received: number[];
  /** Number of sent messages. */
  said: number;
  /** Errors that a user would have seen. */
  problems: string[];
}

describeWith("redis-server", "a rolling restart of three instances under load", () => {
  let cluster: Cluster;
  let instances: TestServer[];
  let balancer: LoadBalancer;
  let room: Room;
  let programs: Program[];

  beforeAll(async () => {
    cluster = await startCluster();
    const { database, redis } = cluster;
    const third = await startServer({ databaseUrl: database.url, redisUrl: redis.url });
    instances = [...cluster.instances, third];
    balancer = await startLoadBalancer(() => instances);
    const seed = seedOn(cluster.a);
    room = await seed.user("host").createsRoom("Room");
    programs = await Promise.all(
      Array.from({ length: PEOPLE }, async (_, index): Promise<Program> => {
        const actor = seed.user(`person-${index}`);
        await actor.joins(room);
        const { token } = await actor.signsUp();
        const parley = createParley({ url: `${balancer.url}/graphql`, token });
        onRelease(() => parley.close());
        return { parley, received: [], said: 0, problems: [] };
      }),
    );
  });

  /** Listens until the client is closed; resolves when later messages will be received. */
  async function listen({ parley, received, problems }: Program): Promise<void> {
    const stream = parley.events();
    const follow = async (): Promise<void> => {
      for await (const event of stream) {
        if (event.__typename === "MessageSent") received.push(event.message.seq);
        if (event.__typename === "EventGap") problems.push(`a gap: ${event.reason}`);
      }
    };
    follow().catch((error: unknown) => problems.push(`events: ${String(error)}`));
    await eventually(() => expect(stream.status.state).toBe("live"));
  }

  /** Runs many kinds of actions until it is stopped. */
  async function use(program: Program, isOver: () => boolean): Promise<void> {
    const { parley, problems } = program;
    const attempt = async <T>(what: string, work: () => Promise<T>): Promise<T | undefined> => {
      try {
        return await work();
      } catch (error) {
        problems.push(`${what}: ${String(error)}`);
        return undefined;
      }
    };
    for (let count = 0; !isOver(); count += 1) {
      await delay(PAUSE_MS);
      const message = await attempt<Message>("send", () =>
        parley.sendMessage(room.id, `message ${count}`),
      );
      if (message === undefined) continue;
      program.said += 1;
      await attempt("edit", () => parley.editMessage(message, `message ${count}, edited`));
      await attempt("react", () => parley.addReaction(message, "👍"));
      await attempt("mark", () => parley.markRead(room, message.seq));
      await attempt("read", () => parley.messages(room, { last: 5 }));
    }
  }

  test("a rolling restart fails no operation of a program, and each program receives everything once", async () => {
    await Promise.all(programs.map(listen));
    let isOver = false;
    const using = programs.map((program) => use(program, () => isOver));
    const said = (): number => programs.reduce((sum, program) => sum + program.said, 0);
    const waitForProgress = async (): Promise<void> => {
      const before = said();
      await eventually(() => expect(said()).toBeGreaterThan(before + PEOPLE));
    };
    for (const instance of instances) {
      await waitForProgress();
      expect(await instance.stop()).toEqual({ code: 0, signal: null });
      await instance.restart();
    }
    await waitForProgress();
    isOver = true;
    await Promise.all(using);

    const all = Array.from({ length: said() }, (_, index) => index + 1);
    for (const { received } of programs) {
      await eventually(() => expect(received.length).toBeGreaterThanOrEqual(all.length));
      expect(received).toEqual(all);
    }
    expect(programs.flatMap(({ problems }) => problems)).toEqual([]);
  });
});
