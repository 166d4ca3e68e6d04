import { once } from "node:events";
import { beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { client } from "../kit/client.ts";
import { createDatabase } from "../kit/database.ts";
import { eventually } from "../kit/eventually.ts";
import { onRelease } from "../kit/resources.ts";
import { seedOn } from "../kit/seed.ts";
import { startServer, type TestServer } from "../kit/server.ts";
import { connect, socketUrl } from "../kit/socket.ts";
import { subscribeSse } from "../kit/sse.ts";

const LIMIT = 3;
const JOINS = /* GraphQL */ `
  subscription Joins {
    events(types: [MEMBER_JOINED]) {
      __typename
      ... on MemberJoined {
        conversation {
          ... on Room {
            memberCount
          }
        }
      }
    }
  }
`;

let server: TestServer;

beforeAll(async () => {
  server = await startServer({
    databaseUrl: (await createDatabase()).url,
    env: { SUBSCRIPTIONS_PER_SOCKET: String(LIMIT) },
  });
});

test("a document that makes a rule of graphql-js throw ends its operation, not the socket", async () => {
  const { token } = await client(server).signUp("conditional");
  const socket = await connect(server, { token });
  const stream = socket.subscribe(
    "subscription ($on: Boolean!) { events @include(if: $on) { cursor } }",
    { on: true },
  );
  await expect(stream.ended).resolves.toMatchObject({
    errors: [{ extensions: { code: "GRAPHQL_VALIDATION_FAILED" } }],
  });
  expect(await socket.execute("{ server { name } }")).toEqual({
    data: { server: { name: "Parley" } },
  });
});

test("cancelled operations count towards the limit until they end", async () => {
  const { token } = await client(server).signUp("hurried");
  const raw = new WebSocket(socketUrl(server), "graphql-transport-ws");
  onRelease(() => raw.terminate());
  const answers: { id?: string; type: string; payload?: unknown }[] = [];
  raw.on("message", (data: Buffer) => {
    answers.push(JSON.parse(data.toString()) as (typeof answers)[number]);
  });
  const say = (message: object): void => raw.send(JSON.stringify(message));
  await once(raw, "open");
  say({ type: "connection_init", payload: { token } });
  await eventually(() => expect(answers).toMatchObject([{ type: "connection_ack" }]));

  // Hashing a password takes long enough for all operations to arrive meanwhile.
  const logIn = `mutation { logIn(input: { username: "hurried", password: "a guess" }) { __typename } }`;
  for (let number = 0; number < LIMIT; number += 1) {
    say({ id: `hidden ${number}`, type: "subscribe", payload: { query: logIn } });
    say({ id: `hidden ${number}`, type: "complete" });
  }
  say({ id: "too many", type: "subscribe", payload: { query: "{ server { name } }" } });
  await eventually(() =>
    expect(answers.find(({ id }) => id === "too many")).toMatchObject({
      type: "error",
      payload: [{ extensions: { code: "TOO_MANY_SUBSCRIPTIONS" } }],
    }),
  );

  // The limit admits operations again after these have ended.
  let tries = 0;
  await eventually(() => {
    tries += 1;
    say({ id: `again ${tries}`, type: "subscribe", payload: { query: "{ server { name } }" } });
    expect(answers).toContainEqual(expect.objectContaining({ type: "next" }));
  });
});

test("each event of a stream over HTTP reads current data", async () => {
  const seed = seedOn(server);
  const owner = seed.user("owner");
  const { token } = await owner.signsUp();
  const guests = ["guest-1", "guest-2"].map((name) => seed.user(name));
  for (const guest of guests) await guest.signsUp();
  interface Joined {
    __typename: string;
    conversation?: { memberCount: number };
  }
  const stream = await subscribeSse<Joined>(server, { token, query: JOINS });
  await stream.next((event) => event.__typename === "Ready");
  const room = await owner.createsRoom("Filling up");
  const counts: (number | undefined)[] = [];
  const joined = async (): Promise<void> => {
    const event = await stream.next((next) => next.__typename === "MemberJoined");
    counts.push(event.conversation?.memberCount);
  };
  await joined();
  for (const guest of guests) {
    await guest.joins(room);
    await joined();
  }
  expect(counts).toEqual([1, 2, 3]);
});
