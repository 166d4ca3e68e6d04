import { beforeAll, beforeEach, expect, test } from "vitest";
import { client, payload, PASSWORD, type TestClient } from "../kit/client.ts";
import type { SessionPayload } from "../kit/documents.ts";
import { REVOKE_SESSION } from "../kit/documents.ts";
import { eventually } from "../kit/eventually.ts";
import type { Ended } from "../kit/inbox.ts";
import { describeWith } from "../kit/needs.ts";
import { startServer, type TestServer } from "../kit/server.ts";
import { connect, subscribe } from "../kit/socket.ts";
import { subscribeSse } from "../kit/sse.ts";
import { startCluster, type Cluster } from "./cluster.ts";

/** Maximum time for which an ended session may still work, in milliseconds. */
const SOON_MS = 2_000;
const DAY_MS = 86_400_000;
const ENDED = { code: 4403, reason: "Session ended" };

const LOG_OUT = "mutation { logOut { __typename } }";
const CHANGE_PASSWORD = /* GraphQL */ `
  mutation Change($input: ChangePasswordInput!) {
    changePassword(input: $input) {
      __typename
      ... on ChangePasswordPayload {
        token
      }
    }
  }
`;

const LAST_USED = "{ viewer { session { lastUsedAt } } }";
interface LastUsed {
  viewer: { session: { lastUsedAt: string } };
}

/** Returns how a connection ended, or that it did not end in time. */
function soon(ended: Promise<Ended>): Promise<Ended | "still open"> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<"still open">((resolve) => {
    timer = setTimeout(() => resolve("still open"), SOON_MS);
  });
  return Promise.race([ended, late]).finally(() => clearTimeout(timer));
}

describeWith("redis-server", "a session that ends", () => {
  let cluster: Cluster;
  let people = 0;
  let username: string;
  let session: SessionPayload;
  /** The user on another device. */
  let other: TestClient;

  beforeAll(async () => {
    cluster = await startCluster();
  });

  beforeEach(async () => {
    people += 1;
    username = `person-${people}`;
    session = await client(cluster.a).signUp(username);
    other = client(cluster.a).as((await client(cluster.a).logIn(username)).token);
  });

  /** Starts another instance of the same deployment, with different settings. */
  const startsWith = (env: Record<string, string>): Promise<TestServer> =>
    startServer({ databaseUrl: cluster.database.url, redisUrl: cluster.redis.url, env });

  const ways: [string, () => Promise<unknown>][] = [
    ["by logging out", () => client(cluster.a).as(session.token).mutate(LOG_OUT)],
    [
      "by being revoked",
      () => other.mutate(REVOKE_SESSION, { input: { sessionId: session.session.id } }),
    ],
    [
      "by a change of the password",
      () =>
        other.mutate(CHANGE_PASSWORD, {
          input: { currentPassword: PASSWORD, newPassword: "quite another one" },
        }),
    ],
  ];

  test.each(ways)("%s closes the session's sockets on every instance", async (_way, end) => {
    const { token } = session;
    const sockets = await Promise.all(
      cluster.instances.flatMap((endpoint) => [
        subscribe(endpoint, { token }),
        subscribe(endpoint, { token, query: "subscription { events { cursor } }" }),
      ]),
    );
    await Promise.all(sockets.map((socket) => socket.next()));
    const bystander = await subscribe(cluster.b, { token: other.token ?? "" });
    await bystander.next();
    await end();
    for (const { socket } of sockets) expect(await soon(socket.closed)).toEqual(ENDED);
    for (const endpoint of cluster.instances) {
      await eventually(
        async () => {
          const { data } = await client(endpoint).as(token).send("{ viewer { cursor } }");
          expect(data).toEqual({ viewer: null });
        },
        { timeoutMs: SOON_MS },
      );
      await expect(connect(endpoint, { token })).rejects.toMatchObject({ code: 4401 });
    }
    expect(await bystander.next((event) => event.__typename === "SessionEnded")).toMatchObject({
      sessionId: session.session.id,
    });
    expect(bystander.isEnded).toBe(false);
  });

  test.each(ways)("%s ends the session's SSE streams on every instance", async (_way, end) => {
    const streams = await Promise.all(
      cluster.instances.map((endpoint) => subscribeSse(endpoint, { token: session.token })),
    );
    await Promise.all(streams.map((stream) => stream.next()));
    await end();
    for (const stream of streams) expect(await soon(stream.ended)).not.toBe("still open");
  });

  test("ending a session closes its sockets also while Redis is away", async () => {
    const listening = await subscribe(cluster.b, { token: session.token });
    await listening.next();
    await cluster.redis.stop();
    await other.mutate(REVOKE_SESSION, { input: { sessionId: session.session.id } });
    expect(await soon(listening.socket.closed)).toEqual(ENDED);
    await cluster.redis.start();
  });

  test("a password change returns a new token, and the old one is invalid", async () => {
    const { token } = session;
    const mine = client(cluster.a).as(token);
    // The other instance has cached the old token.
    await client(cluster.b).as(token).query("{ viewer { cursor } }");
    const listening = await subscribe(cluster.b, { token });
    await listening.next();
    const input = { currentPassword: PASSWORD, newPassword: "quite another one" };
    const changed = payload(
      await mine.mutate<{ __typename: string; token: string }>(CHANGE_PASSWORD, { input }),
    );
    for (const endpoint of cluster.instances) {
      const renewed = await client(endpoint).as(changed.token).send("{ viewer { cursor } }");
      expect(renewed.data).not.toEqual({ viewer: null });
      await eventually(
        async () => {
          // Requests with the new token do not keep the old one alive.
          await client(endpoint).as(changed.token).send("{ viewer { cursor } }");
          const { data } = await client(endpoint).as(token).send("{ viewer { cursor } }");
          expect(data).toEqual({ viewer: null });
        },
        { timeoutMs: SOON_MS },
      );
    }
  });

  test("the expiry of a session closes its sockets, even on an idle instance", async () => {
    const lifetimeMs = 3_000;
    const strict = await startsWith({ SESSION_DAYS: String(lifetimeMs / DAY_MS) });
    const { token } = await client(strict).logIn(username);
    const sockets = await Promise.all(
      [strict, cluster.b].map((endpoint) => subscribe(endpoint, { token })),
    );
    const begun = performance.now();
    for (const { socket } of sockets) expect(await socket.closed).toEqual(ENDED);
    expect(performance.now() - begun).toBeLessThan(lifetimeMs + SOON_MS);
    await expect(connect(strict, { token })).rejects.toMatchObject({ code: 4401 });
    await strict.stop();
  });

  test("the idle timeout of a session closes its sockets", async () => {
    const idleMs = 2_000;
    const strict = await startsWith({ SESSION_IDLE_DAYS: String(idleMs / DAY_MS) });
    const { token } = await client(strict).logIn(username);
    const listening = await subscribe(strict, { token });
    await listening.next();
    const begun = performance.now();
    expect(await listening.socket.closed).toEqual(ENDED);
    expect(performance.now() - begun).toBeLessThan(idleMs + SOON_MS);
    await strict.stop();
  });

  test("requests keep a session alive, even over a socket only", async () => {
    const idleMs = 2_000;
    const strict = await startsWith({ SESSION_IDLE_DAYS: String(idleMs / DAY_MS) });
    const { token } = await client(strict).logIn(username);
    const socket = await connect(strict, { token });
    const lastUsed = async (): Promise<number> => {
      const { data } = await socket.execute<LastUsed>(LAST_USED);
      return Date.parse(data?.viewer.session.lastUsedAt ?? "");
    };
    const opened = await lastUsed();
    // Each response is a use; an idle session would have expired halfway.
    await eventually(async () => expect(await lastUsed()).toBeGreaterThan(opened + 2 * idleMs));
    expect(await socket.closed).toEqual(ENDED);
    await strict.stop();
  });
});
