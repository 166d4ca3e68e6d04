import { expect, test } from "vitest";
import { client, PASSWORD } from "../kit/client.ts";
import { LOG_IN, type LogInResult } from "../kit/documents.ts";
import { eventually } from "../kit/eventually.ts";
import { describeWith } from "../kit/needs.ts";
import { subscribe, type Endpoint } from "../kit/socket.ts";
import { startCluster } from "./cluster.ts";

const LOCK_SECONDS = 2;

const logIn = (endpoint: Endpoint, username: string): Promise<LogInResult> =>
  client(endpoint).mutate<LogInResult>(LOG_IN, { input: { username, password: PASSWORD } });

describeWith("redis-server", "two log-ins of one user", () => {
  test("under the policy reject, a second log-in fails while the first session has a socket, and succeeds soon after its instance crashes", async () => {
    const env = { SESSION_POLICY: "reject", SESSION_LOCK_SECONDS: String(LOCK_SECONDS) };
    const { a, b } = await startCluster(env);
    const { token } = await client(a).signUp("ada");
    const listening = await subscribe(a, { token });
    await listening.next();
    // Observed for longer than the lock would last without renewal.
    const begun = performance.now();
    await eventually(
      async () => {
        for (const endpoint of [a, b]) {
          expect(await logIn(endpoint, "ada")).toMatchObject({
            __typename: "SessionActiveError",
            code: "SESSION_ACTIVE",
          });
        }
        return performance.now() - begun > 2 * LOCK_SECONDS * 1_000;
      },
      { timeoutMs: 15_000, intervalMs: 100 },
    );
    expect(listening.isEnded).toBe(false);

    const refused = await logIn(b, "ada");
    if (refused.__typename === "LogInPayload") throw new Error("it was let in");
    expect(refused.retryAfterMs).toBeGreaterThan(0);
    expect(refused.retryAfterMs).toBeLessThanOrEqual(LOCK_SECONDS * 1_000);

    await a.kill();
    const crashed = performance.now();
    await eventually(
      async () => expect(await logIn(b, "ada")).toMatchObject({ __typename: "LogInPayload" }),
      { timeoutMs: 10_000, intervalMs: 50 },
    );
    expect(performance.now() - crashed).toBeLessThan((LOCK_SECONDS + 1) * 1_000);
  });

  test("under the policy reject, one of ten parallel log-ins succeeds after the first session has logged out", async () => {
    const { a, b } = await startCluster({ SESSION_POLICY: "reject", SESSION_LOCK_SECONDS: "60" });
    const { token } = await client(a).signUp("ada");
    expect(await logIn(b, "ada")).toMatchObject({ code: "SESSION_ACTIVE" });
    await client(a).as(token).mutate("mutation { logOut { __typename } }");
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, number) => logIn(number % 2 === 0 ? a : b, "ada")),
    );
    const letIn = answers.filter(({ __typename }) => __typename === "LogInPayload");
    expect(letIn).toHaveLength(1);
    for (const answer of answers) {
      if (!letIn.includes(answer)) expect(answer).toMatchObject({ code: "SESSION_ACTIVE" });
    }
  });

  test("under the policy replace, a second log-in ends the first session and closes its sockets", async () => {
    const { a, b } = await startCluster({ SESSION_POLICY: "replace" });
    const { token } = await client(a).signUp("ada");
    const sockets = await Promise.all([a, b].map((endpoint) => subscribe(endpoint, { token })));
    await Promise.all(sockets.map((socket) => socket.next()));
    const second = await logIn(b, "ada");
    expect(second).toMatchObject({ __typename: "LogInPayload" });
    for (const { socket } of sockets) expect(await socket.closed).toMatchObject({ code: 4403 });
    expect((await client(a).as(token).send("{ viewer { cursor } }")).data).toEqual({
      viewer: null,
    });
  });
});
