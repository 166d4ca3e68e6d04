import { createDatabase, type TestDatabase } from "../kit/database.ts";
import { startRedis, type TestRedis } from "../kit/redis.ts";
import { startServer, type TestServer } from "../kit/server.ts";

/** Two instances that form one system: one database, one Redis. */
export interface Cluster {
  readonly database: TestDatabase;
  readonly redis: TestRedis;
  readonly a: TestServer;
  readonly b: TestServer;
  readonly instances: readonly [TestServer, TestServer];
}

/**
 * Starts a cluster, which is stopped after the test file.
 *
 * @param env settings of both instances, by their names in server/config.ts
 */
export async function startCluster(env: Record<string, string> = {}): Promise<Cluster> {
  const [database, redis] = await Promise.all([createDatabase(), startRedis()]);
  const start = (): Promise<TestServer> =>
    startServer({ databaseUrl: database.url, redisUrl: redis.url, env });
  const instances = await Promise.all([start(), start()]);
  const [a, b] = instances;
  return { database, redis, a, b, instances };
}
