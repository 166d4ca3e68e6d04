import { beforeAll, describe, expect, test } from "vitest";
import { client, cookieOf, PASSWORD, payload, type TestClient } from "../kit/client.ts";
import { createDatabase, type TestDatabase } from "../kit/database.ts";
import {
  LOG_IN,
  SIGN_UP,
  type LogInResult,
  type SignUpResult,
  type TypedError,
} from "../kit/documents.ts";
import { startServer, type TestServer } from "../kit/server.ts";

let database: TestDatabase;
let server: TestServer;
let anyone: TestClient;

beforeAll(async () => {
  database = await createDatabase();
  server = await startServer({
    databaseUrl: database.url,
    // The cheapest allowed hash, so that other differences in time are visible.
    env: { PASSWORD_MEMORY_MIB: "19", PASSWORD_CONCURRENCY: "1", SERVER_NAME: "Analytical" },
  });
  anyone = client(server);
});

const VIEWER = "{ viewer { user { username } } }";

describe("a new password", () => {
  const CHANGE = /* GraphQL */ `
    mutation ($input: ChangePasswordInput!) {
      changePassword(input: $input) {
        __typename
        ... on InvalidInputError {
          fields {
            field
            code
            message
          }
        }
      }
    }
  `;
  const REFUSED = ["12345678", "Password1", "qwertyuiop", "iloveyou1", "Analytical1", "parley2026"];

  test("must be neither common nor a known name", async () => {
    for (const password of [...REFUSED, "somebody-new", "Some.Body 99"]) {
      const input = { username: "somebody-new", displayName: "Some.Body", password };
      const outcome = await anyone.mutate<SignUpResult>(SIGN_UP, { input });
      expect(outcome, password).toMatchObject({ __typename: "InvalidInputError" });
    }
    expect(await database.query(`SELECT 1 FROM "User" WHERE username = 'somebody-new'`)).toEqual(
      [],
    );
    const { token } = await anyone.signUp("somebody");
    for (const newPassword of [...REFUSED, "somebody"]) {
      const input = { currentPassword: PASSWORD, newPassword };
      const outcome = await anyone.as(token).mutate(CHANGE, { input });
      expect(outcome, newPassword).toMatchObject({
        __typename: "InvalidInputError",
        fields: [{ field: "newPassword", code: "INVALID_VALUE" }],
      });
    }
    await anyone.logIn("somebody");
  });
});

describe("a log-in in a browser", () => {
  const logIn = async (
    browser: TestClient,
    username: string,
  ): Promise<{ browser: TestClient; token: string }> => {
    const answer = await browser.send<{ logIn: LogInResult }>(LOG_IN, {
      input: { username, password: PASSWORD },
    });
    if (answer.data === null) throw new Error(JSON.stringify(answer.errors));
    const { token } = payload(answer.data.logIn);
    return { browser: anyone.withCookie(cookieOf(answer) ?? ""), token };
  };

  test("creates a new token, and ends the browser's session of any user, but no other", async () => {
    await Promise.all([anyone.signUp("first"), anyone.signUp("second")]);
    const elsewhere = await logIn(anyone, "first");
    const one = await logIn(anyone, "first");
    const two = await logIn(one.browser, "first");
    expect(two.token).not.toBe(one.token);
    expect(await anyone.as(one.token).query(VIEWER)).toEqual({ viewer: null });
    const three = await logIn(two.browser, "second");
    expect(await anyone.as(two.token).query(VIEWER)).toEqual({ viewer: null });
    for (const [{ token }, username] of [
      [elsewhere, "first"],
      [three, "second"],
    ] as const)
      expect(await anyone.as(token).query(VIEWER)).toEqual({ viewer: { user: { username } } });
    // A wrong password ends no session.
    const input = { username: "first", password: "wrong" };
    await three.browser.mutate<LogInResult | TypedError>(LOG_IN, { input });
    expect(await anyone.as(three.token).query(VIEWER)).not.toEqual({ viewer: null });
  });

  test("ignores a planted session token", async () => {
    const planted = anyone.withCookie("parley_session=planted-by-somebody-else");
    const { token } = await logIn(planted, "first");
    expect(token).not.toContain("planted");
    expect(await planted.query(VIEWER)).toEqual({ viewer: null });
  });
});

/** Returns the median of a sorted list. */
const median = (times: readonly number[]): number =>
  [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN;

/** Returns the median times of two actions in milliseconds, run alternately under the same conditions. */
async function medians(
  rounds: number,
  acts: readonly [() => Promise<unknown>, () => Promise<unknown>],
): Promise<[number, number]> {
  const times: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    // The order alternates from round to round.
    for (const index of round % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const)) {
      const begin = performance.now();
      await acts[index]();
      times[index].push(performance.now() - begin);
    }
  }
  return [median(times[0]), median(times[1])];
}

test("an unknown name and a wrong password take the same time: medians within 10 % over 200 tries", async () => {
  await anyone.signUp("real");
  const tries = (username: string) => async (): Promise<void> => {
    const input = { username, password: "a guess at it" };
    const outcome = await anyone.mutate<LogInResult | TypedError>(LOG_IN, { input });
    expect(outcome).toMatchObject({ code: "INVALID_CREDENTIALS" });
  };
  await medians(5, [tries("real"), tries("nobody")]);
  // Noise varies and a real difference persists: three times in a row is no coincidence.
  let difference = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 3 && difference > 0.1; attempt += 1) {
    const [wrong, unknown] = await medians(100, [tries("real"), tries("nobody")]);
    difference = Math.abs(wrong - unknown) / Math.min(wrong, unknown);
  }
  expect(difference).toBeLessThanOrEqual(0.1);
});
