import { serverAudits } from "graphql-http";
import { beforeAll, describe, expect, test } from "vitest";
import { createDatabase } from "../kit/database.ts";
import { startServer, type TestServer } from "../kit/server.ts";

let server: TestServer;

beforeAll(async () => {
  server = await startServer({ databaseUrl: (await createDatabase()).url });
});

/** The requirements and recommendations of https://graphql.github.io/graphql-over-http. */
const audits = serverAudits({ url: () => `${server.url}/graphql`, fetchFn: fetch });

describe("GraphQL over HTTP passes the audits of graphql-http", () => {
  test("all audits are present", () => {
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
