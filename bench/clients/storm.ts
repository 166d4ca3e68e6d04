// Users who log in repeatedly, a fixed number in parallel.
import { serveParent } from "../child.ts";
import { makeHttpClient } from "../http-client.ts";
import { quantile } from "../measurement.ts";

export interface StormRequest {
  url: string;
  usernames: readonly string[];
  /** The password of all users. */
  password: string;
  atOnce: number;
  seconds: number;
}

export interface StormResult {
  /** Log-ins per second. */
  rate: number;
  /** Milliseconds of one log-in. */
  p50: number;
  p99: number;
  /** Log-ins rejected by the server. */
  refused: number;
}

const LOG_IN = `mutation ($input: LogInInput!) { logIn(input: $input) { __typename } }`;

serveParent<StormRequest>(async ({ url, usernames, password, atOnce, seconds }) => {
  const client = makeHttpClient(url);
  const times: number[] = [];
  let refused = 0;
  let next = 0;
  const begin = performance.now();
  const until = begin + seconds * 1_000;
  const people = Array.from({ length: atOnce }, async () => {
    while (performance.now() < until) {
      next += 1;
      const username = usernames[next % usernames.length];
      const { data, took } = await client.ask<{ logIn: { __typename: string } }>(null, LOG_IN, {
        input: { username, password },
      });
      if (data.logIn.__typename === "LogInPayload") times.push(took);
      else refused += 1;
    }
  });
  await Promise.all(people);
  client.close();
  const rate = (times.length / (performance.now() - begin)) * 1_000;
  return { rate, p50: quantile(times, 0.5), p99: quantile(times, 0.99), refused };
});
