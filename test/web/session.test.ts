import { CombinedError, makeErrorResult, makeResult } from "@urql/core";
import type { Client, Operation } from "@urql/core";
import { describe, expect, it } from "vitest";
import { hasNotAuthenticatedError } from "../../web/src/app/client.ts";
import { describeError } from "../../web/src/app/describe-error.ts";
import { makeSession } from "../../web/src/session/session.ts";
import type { SessionState } from "../../web/src/session/session.ts";

const limits = {
  messageLength: 8000,
  pageSize: 100,
  passwordMinLength: 8,
  passwordMaxLength: 256,
  usernameMaxLength: 32,
  roomNameLength: 80,
};
const server = { name: "Parley", limits, lobby: null };
const ada = { id: "u1", username: "ada", displayName: "Ada" };
const signedIn = { server, viewer: { user: ada, session: { id: "s1" } } };

/** A client whose responses the test supplies: data or an error. */
function makeAnswers(): {
  client: Pick<Client, "query" | "mutation">;
  questions: ((answer: unknown) => void)[];
} {
  const questions: ((answer: unknown) => void)[] = [];
  const ask = () => ({
    toPromise: () =>
      new Promise((resolve) => {
        const operation = {} as Operation;
        questions.push((answer) =>
          resolve(
            answer instanceof Error
              ? makeErrorResult(operation, answer)
              : makeResult(operation, { data: answer as object, hasNext: false }),
          ),
        );
      }),
  });
  return { client: { query: ask, mutation: ask } as unknown as Client, questions };
}

function open() {
  const { client, questions } = makeAnswers();
  const states: SessionState["kind"][] = [];
  const session = makeSession(client, (state) => states.push(state.kind));
  return { session, questions, states };
}

describe("makeSession", () => {
  it("loads the signed-in user", async () => {
    const { session, questions } = open();
    expect(session.state().kind).toBe("unknown");
    const loading = session.load();
    questions[0]?.(signedIn);
    await loading;
    expect(session.state()).toMatchObject({ kind: "signedIn", me: ada, sessionId: "s1" });
  });

  it("shows the signed-out page without a session", async () => {
    const { session, questions } = open();
    const loading = session.load();
    questions[0]?.({ server, viewer: null });
    await loading;
    expect(session.state()).toMatchObject({ kind: "signedOut", notice: undefined });
  });

  it("reports an unreachable server until the next response", async () => {
    const { session, questions } = open();
    let loading = session.load();
    questions[0]?.(new TypeError("fetch failed"));
    await loading;
    expect(session.state()).toMatchObject({ kind: "unreachable", problem: /reach the server/u });
    loading = session.load();
    questions[1]?.(signedIn);
    await loading;
    expect(session.state().kind).toBe("signedIn");
  });

  it("trusts the newest request, not the last response", async () => {
    const { session, questions, states } = open();
    const before = session.load();
    const after = session.load();
    questions[1]?.(signedIn);
    await after;
    questions[0]?.({ server, viewer: null });
    await before;
    expect(states).toEqual(["signedIn"]);
  });

  it("signs out once, with a notice, when the session ends", async () => {
    const { session, questions, states } = open();
    const loading = session.load();
    questions[0]?.(signedIn);
    await loading;
    session.end("Ended.");
    session.end("Ended again.");
    expect(session.state()).toMatchObject({ kind: "signedOut", notice: "Ended." });
    expect(states).toEqual(["signedIn", "signedOut"]);
  });

  it("stays signed in if the logout request fails", async () => {
    const { session, questions } = open();
    const loading = session.load();
    questions[0]?.(signedIn);
    await loading;
    let leaving = session.logOut();
    questions[1]?.(new TypeError("fetch failed"));
    expect(await leaving).toMatch(/Couldn't reach/u);
    expect(session.state().kind).toBe("signedIn");
    leaving = session.logOut();
    questions[2]?.({ logOut: { __typename: "LogOutPayload", loggedOut: true } });
    expect(await leaving).toBeUndefined();
    expect(session.state()).toMatchObject({ kind: "signedOut", notice: undefined });
  });
});

describe("hasNotAuthenticatedError", () => {
  it("checks the type of each root field", () => {
    expect(hasNotAuthenticatedError({ joinRoom: { __typename: "NotAuthenticatedError" } })).toBe(
      true,
    );
    expect(hasNotAuthenticatedError({ joinRoom: { __typename: "NotFoundError" } })).toBe(false);
    expect(hasNotAuthenticatedError({ viewer: null })).toBe(false);
    expect(hasNotAuthenticatedError(undefined)).toBe(false);
  });
});

describe("describeError", () => {
  it("distinguishes network failures from server errors", () => {
    expect(describeError(new CombinedError({ networkError: new Error("x") }))).toMatch(
      /reach the server/u,
    );
    expect(describeError(new CombinedError({ graphQLErrors: ["x"] }))).toMatch(/went wrong/u);
  });
});
