import { setTimeout as delay } from "node:timers/promises";
import { Redis } from "ioredis";
import type { Deployment } from "./deployment.ts";
import type { Device } from "./people.ts";
import { between, type Random } from "./random.ts";

/** The target of a fault; two faults of one round never have the same target. */
export type Victim = "instance" | "redis" | "postgres" | "sockets" | "readers" | "clocks";

export interface FaultContext {
  deployment: Deployment;
  devices: readonly Device[];
  random: Random;
  /** Waits for a random time within the bounds of a fault's duration. */
  hold(): Promise<void>;
  /** Defers work until after the fault; recovery must not depend on it. */
  afterwards(work: () => Promise<void>): void;
}

export interface Fault {
  readonly name: string;
  readonly victim: Victim;
  /** Runs the fault; resolves when it is over and recovery starts. */
  run(context: FaultContext): Promise<unknown>;
}

/** Bytes of one publication that overruns the buffers of subscribers, which may hold less. */
const BURST_BYTES = 8_388_608;
const PUBSUB_LIMIT_BYTES = 1_048_576;
const YEAR_MS = 31_536_000_000;

/** Opens a connection to Redis for one task. */
async function withRedis(url: string, work: (redis: Redis) => Promise<unknown>): Promise<void> {
  const redis = new Redis(url, { maxRetriesPerRequest: 1 });
  redis.on("error", () => undefined);
  try {
    await work(redis);
  } finally {
    redis.disconnect();
  }
}

/** All faults of a deployment and its clients. */
export const FAULTS: readonly Fault[] = [
  {
    name: "an instance killed",
    victim: "instance",
    run: async ({ deployment, random, hold, afterwards }) => {
      const instance = random.pick(deployment.instances);
      await instance.kill();
      afterwards(async () => {
        await hold();
        await instance.start();
      });
    },
  },
  {
    name: "an instance restarted",
    victim: "instance",
    run: async ({ deployment, random, afterwards }) => {
      const instance = random.pick(deployment.instances);
      await instance.stop();
      afterwards(() => instance.start());
    },
  },
  {
    name: "rolling upgrade",
    victim: "instance",
    run: async ({ deployment, random }) => {
      for (const instance of random.shuffled(deployment.instances)) {
        await instance.stop();
        await instance.start();
      }
    },
  },
  {
    name: "an instance frozen",
    victim: "instance",
    run: async ({ deployment, random, hold }) => {
      const { pid } = random.pick(deployment.instances);
      process.kill(pid, "SIGSTOP");
      await hold();
      process.kill(pid, "SIGCONT");
    },
  },
  {
    name: "Redis killed",
    victim: "redis",
    run: async ({ deployment: { redis }, hold }) => {
      await redis.kill();
      await hold();
      await redis.start();
    },
  },
  {
    name: "Redis frozen",
    victim: "redis",
    run: async ({ deployment: { redis }, hold }) => {
      redis.pause();
      await hold();
      redis.resume();
    },
  },
  {
    name: "Redis flushed",
    victim: "redis",
    run: ({ deployment: { redis } }) => withRedis(redis.url, (command) => command.flushall()),
  },
  {
    name: "Redis drops its subscribers",
    victim: "redis",
    run: async ({ deployment: { redis }, random }) => {
      await withRedis(redis.url, async (command) => {
        const limit = `pubsub ${PUBSUB_LIMIT_BYTES} ${PUBSUB_LIMIT_BYTES} 0`;
        await command.config("SET", "client-output-buffer-limit", limit);
        for (let left = between(random, 1, 3); left > 0; left -= 1) {
          // A batch without events, but too large for the buffers.
          await command.publish("parley:log", `chaos [${" ".repeat(BURST_BYTES)}]`);
        }
        await command.config("SET", "client-output-buffer-limit", "pubsub 33554432 8388608 60");
      });
    },
  },
  {
    name: "PostgreSQL restarted",
    victim: "postgres",
    run: async ({ deployment: { postgres }, random, hold }) => {
      await postgres.end(random.pick(["SIGINT", "SIGQUIT", "SIGKILL"]));
      await hold();
      await postgres.start();
    },
  },
  {
    name: "PostgreSQL hangs up",
    victim: "postgres",
    run: async ({ deployment: { postgres }, random }) => {
      for (let left = between(random, 1, 8); left > 0; left -= 1) {
        await postgres.hangUp();
        await delay(between(random, 5, 80));
      }
    },
  },
  {
    name: "PostgreSQL frozen",
    victim: "postgres",
    run: async ({ deployment: { postgres }, hold }) => {
      await postgres.pause();
      await hold();
      postgres.resume();
    },
  },
  {
    name: "sockets cut",
    victim: "sockets",
    run: async ({ deployment: { balancer }, devices, random }) => {
      for (let left = between(random, 3, 30); left > 0; left -= 1) {
        random.pick(devices).listener.cut();
        balancer.cut(random.below);
        await delay(between(random, 0, 40));
      }
    },
  },
  {
    name: "clients stop reading",
    victim: "readers",
    run: async ({ deployment: { balancer }, devices, random, hold }) => {
      // The SDK's reading cannot be stopped, but the load balancer can stop forwarding.
      const resumeForwarding = random.chance(0.5) ? balancer.stall() : () => undefined;
      const slow = random.shuffled(devices).slice(0, Math.ceil(devices.length / 3));
      for (const { listener } of slow) listener.pause();
      await hold();
      for (const { listener } of slow) listener.resume();
      resumeForwarding();
    },
  },
  {
    name: "clocks of clients go wrong",
    victim: "clocks",
    run: async ({ devices, random, hold }) => {
      const wrong = random.shuffled(devices).slice(0, Math.ceil(devices.length / 2));
      for (const device of wrong) device.clockOffset = between(random, -60, 60) * YEAR_MS || 1;
      await hold();
      // Half of them are never corrected.
      for (const device of wrong) if (random.chance(0.5)) device.clockOffset = 0;
    },
  },
];
