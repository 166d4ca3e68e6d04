import {
  buildClientSchema,
  getIntrospectionQuery,
  Kind,
  OperationTypeNode,
  parse,
  validate,
  type GraphQLSchema,
  type IntrospectionQuery,
  type OperationDefinitionNode,
} from "graphql";
import { beforeAll, describe, expect, test } from "vitest";
import { PLAYGROUND_TABS } from "../../server/http/playground.ts";
import { client, cookieOf, type Answer, type TestClient } from "../kit/client.ts";
import { createDatabase } from "../kit/database.ts";
import { connect, type Socket } from "../kit/socket.ts";
import { startServer, type TestServer } from "../kit/server.ts";

let server: TestServer;
let schema: GraphQLSchema;

beforeAll(async () => {
  server = await startServer({ databaseUrl: (await createDatabase()).url });
  schema = buildClientSchema(
    await client(server).query<IntrospectionQuery>(getIntrospectionQuery()),
  );
});

function operationsOf(tab: string): OperationDefinitionNode[] {
  return parse(tab).definitions.flatMap((definition) =>
    definition.kind === Kind.OPERATION_DEFINITION ? [definition] : [],
  );
}

/** The tabs by the name of their operation, as the playground labels them. */
const TABS = PLAYGROUND_TABS.map((tab, index): [string, string] => [
  operationsOf(tab)[0]?.name?.value ?? `tab ${index + 1}`,
  tab,
]);

describe("the playground's tabs", () => {
  test("are the ones that a first visit needs", () => {
    const names = TABS.map(([name]) => name);
    expect(names).toEqual(
      expect.arrayContaining(["SignUp", "CreateRoom", "Live", "Send", "History"]),
    );
    expect(new Set(names).size).toBe(names.length);
    expect(names[0]).toBe("SignUp");
  });

  test.for(TABS)("%s is one valid operation without required input", ([, tab]) => {
    expect(validate(schema, parse(tab))).toEqual([]);
    const operations = operationsOf(tab);
    expect(operations).toHaveLength(1);
    expect(operations[0]?.variableDefinitions ?? []).toEqual([]);
  });

  test("work in sequence in one browser, and show sent messages live", async () => {
    let browser: TestClient = client(server);
    const answers = new Map<string, Record<string, unknown>>();
    let live: ReturnType<Socket["subscribe"]> | undefined;
    for (const [name, tab] of TABS) {
      if (operationsOf(tab)[0]?.operation === OperationTypeNode.SUBSCRIPTION) {
        // GraphiQL opens its socket with the subscription; the browser adds the cookie.
        const cookie = cookieIn(browser);
        live = (await connect(server, { headers: { cookie } })).subscribe(tab);
        expect(await live.next()).toMatchObject({ __typename: "Ready" });
        continue;
      }
      const answer: Answer<Record<string, { __typename?: string } | null>> =
        await browser.send(tab);
      expect(answer.errors, name).toEqual([]);
      for (const value of Object.values(answer.data ?? {})) {
        expect(value, name).not.toBeNull();
        expect(value?.__typename ?? "", name).not.toMatch(/Error$/);
      }
      answers.set(name, answer.data ?? {});
      const cookie = cookieOf(answer);
      if (cookie !== undefined) {
        cookies.set(server.url, cookie);
        browser = client(server).withCookie(cookie);
      }
    }
    expect(answers.get("SignUp")).toMatchObject({ signUp: { user: { username: "ada" } } });
    expect(live).toBeDefined();
    const sent = await live?.next((event) => isMessage(event));
    expect(sent).toMatchObject({ message: { body: "Hello from the playground", seq: 1 } });
    expect(answers.get("History")).toMatchObject({
      room: {
        name: "Lobby",
        messages: { edges: [{ node: { body: "Hello from the playground" } }] },
      },
    });
  });

  test("report to a second user that the name is taken", async () => {
    const [, signUp = ""] = TABS.find(([name]) => name === "SignUp") ?? [];
    const { data } = await client(server).send<{ signUp: object }>(signUp);
    expect(data?.signUp).toMatchObject({
      __typename: "UsernameTakenError",
      code: "USERNAME_TAKEN",
    });
  });
});

/** The browser's cookies, by server. */
const cookies = new Map<string, string>();

function cookieIn(browser: TestClient): string {
  const cookie = cookies.get(browser.url);
  if (cookie === undefined) throw new Error("the browser is not logged in yet");
  return cookie;
}

function isMessage(event: unknown): boolean {
  return typeof event === "object" && event !== null && "message" in event;
}
