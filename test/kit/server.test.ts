import { beforeAll, describe, expect, test } from "vitest";
import { client, cookieOf, payload } from "./client.ts";
import { createDatabase, type TestDatabase } from "./database.ts";
import { SEND_MESSAGE, type SendMessageResult } from "./documents.ts";
import { describeWith } from "./needs.ts";
import { startRedis } from "./redis.ts";
import { seedOn } from "./seed.ts";
import { startServer, type TestServer } from "./server.ts";
import { subscribeSse } from "./sse.ts";

let database: TestDatabase;
let server: TestServer;

beforeAll(async () => {
  database = await createDatabase();
  server = await startServer({ databaseUrl: database.url });
});

describe("a server of the kit", () => {
  test("executes mutations of two users and sends their events over WebSocket and SSE", async () => {
    const seed = seedOn(server);
    const room = await seed.user("ada").createsRoom("Story 1");
    const live = await seed.user("ada").listens({ conversationIds: [room.id] });
    const { token } = await seed.user("ada").signsUp();
    const sse = await subscribeSse(server, { token, variables: { conversationIds: [room.id] } });
    await sse.next((event) => event.__typename === "Ready");
    await seed.user("bob").joins(room);
    const message = await seed.user("bob").says(room, "hello");
    for (const stream of [live, sse]) {
      const joined = await stream.next((event) => event.__typename === "MemberJoined");
      expect(joined).toMatchObject({ membership: { user: { username: "bob" } } });
      expect(await stream.next((event) => event.__typename === "MessageSent")).toMatchObject({
        message,
      });
    }
    expect(await seed.user("ada").reads(room, 0)).toBe(1);
    await seed.user("bob").leaves(room);
    await live.next((event) => event.__typename === "MemberLeft");
    expect((await live.close()).code).toBe(1000);
  });

  test("returns typed errors, and rejects them as payloads", async () => {
    const seed = seedOn(server);
    const room = await seed.user("cleo").createsRoom("Private talk");
    const input = { conversationId: room.id, body: "hi" };
    const result = await seed.user("dan").mutate<SendMessageResult>(SEND_MESSAGE, { input });
    expect(result).toMatchObject({ __typename: "NotAMemberError", code: "NOT_A_MEMBER" });
    expect(() => payload(result)).toThrow("NotAMemberError");
    await expect(seed.user("dan").says(room, "hi")).rejects.toThrow("NOT_A_MEMBER");
  });

  test("identifies a user by token and by cookie, and otherwise is anonymous", async () => {
    const anyone = client(server);
    const { token, user } = await anyone.signUp("eve");
    const who = "{ viewer { user { username } } }";
    expect(await anyone.query(who)).toEqual({ viewer: null });
    expect(await anyone.as(token).query(who)).toEqual({ viewer: { user: { username: "eve" } } });
    const login = `mutation ($input: LogInInput!) { logIn(input: $input) { __typename } }`;
    const input = { username: user.username, password: "correct horse battery staple" };
    const answer = await anyone.withHeaders({ origin: server.url }).send(login, { input });
    expect(answer.status).toBe(200);
    const cookie = cookieOf(answer) ?? "";
    expect(await anyone.withCookie(cookie).withHeaders({ origin: server.url }).query(who)).toEqual({
      viewer: { user: { username: "eve" } },
    });
  });

  test("restarts on its port after a graceful stop and after a crash", async () => {
    const own = await startServer({ databaseUrl: database.url });
    const { token } = await client(own).signUp("finn");
    const { url, pid } = own;
    expect(await own.stop()).toEqual({ code: 0, signal: null });
    await own.restart();
    expect(own.url).toBe(url);
    expect(own.pid).not.toBe(pid);
    expect(await own.kill()).toEqual({ code: null, signal: "SIGKILL" });
    expect(own.isRunning).toBe(false);
    await own.restart();
    expect(await client(own).as(token).query("{ viewer { user { username } } }")).toEqual({
      viewer: { user: { username: "finn" } },
    });
  });

  test("reports the reason when it cannot start", async () => {
    const failing = startServer({
      databaseUrl: database.url,
      env: { SESSION_POLICY: "sometimes" },
    });
    await expect(failing).rejects.toThrow(/ended \(code 1\)[^]*SESSION_POLICY/);
  });
});

describeWith("redis-server", "two servers of the kit", () => {
  test("two instances of the kit form one system", async () => {
    const redis = await startRedis();
    const options = { databaseUrl: database.url, redisUrl: redis.url };
    const [one, other] = [await startServer(options), await startServer(options)];
    const seed = seedOn(one);
    const room = await seed.user("gus").createsRoom("Two servers");
    const live = await seed.user("gus").via(other).listens();
    const message = await seed.user("gus").says(room, "across");
    const sent = await live.next((event) => event.__typename === "MessageSent");
    expect(sent).toMatchObject({ message: { id: message.id, body: "across" } });
  });
});
