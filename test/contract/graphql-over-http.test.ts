import { serverAudits } from "graphql-http";
import { beforeAll, describe, expect, test } from "vitest";
import { createDatabase } from "../kit/database.ts";
import { startServer, type TestServer } from "../kit/server.ts";

let server: TestServer;

beforeAll(async () => {
  server = await startServer({ databaseUrl: (await createDatabase()).url });
});

/** https://graphql.github.io/graphql-over-http, what it demands and what it recommends. */
const audits = serverAudits({ url: () => `${server.url}/graphql`, fetchFn: fetch });

describe("GraphQL over HTTP, as graphql-http audits it", () => {
  test("is all there", () => {
    expect(audits.length).toBeGreaterThanOrEqual(60);
  });

  test.for(audits.map((audit): [string, typeof audit] => [audit.name, audit]))(
    "%s",
    async ([, audit]) => {
      const result = await audit.fn();
      const { status } = result;
      const reason = "reason" in result ? result.reason : "";
      expect({ status, reason }).toEqual({ status: "ok", reason: "" });
    },
  );
});
