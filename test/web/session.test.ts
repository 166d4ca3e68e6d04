import { CombinedError, makeErrorResult, makeResult } from "@urql/core";
import type { Client, Operation } from "@urql/core";
import { describe, expect, it } from "vitest";
import { saysNotAuthenticated } from "../../web/src/app/client.ts";
import { sentenceFor } from "../../web/src/app/problem.ts";
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
const entered = { server, viewer: { user: ada, session: { id: "s1" } } };

/** A client to which the test says what each question is answered with: data, or an error. */
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
  const states: SessionState["is"][] = [];
  const session = makeSession(client, (state) => states.push(state.is));
  return { session, questions, states };
}

describe("makeSession", () => {
  it("finds out who is here", async () => {
    const { session, questions } = open();
    expect(session.state().is).toBe("unknown");
    const loading = session.load();
    questions[0]?.(entered);
    await loading;
    expect(session.state()).toMatchObject({ is: "in", me: ada, sessionId: "s1" });
  });

  it("shows the door to who is not", async () => {
    const { session, questions } = open();
    const loading = session.load();
    questions[0]?.({ server, viewer: null });
    await loading;
    expect(session.state()).toMatchObject({ is: "out", notice: undefined });
  });

  it("says that the server is away, and leaves it at the next answer", async () => {
    const { session, questions } = open();
    let loading = session.load();
    questions[0]?.(new TypeError("fetch failed"));
    await loading;
    expect(session.state()).toMatchObject({ is: "unreachable", problem: /reached/u });
    loading = session.load();
    questions[1]?.(entered);
    await loading;
    expect(session.state().is).toBe("in");
  });

  it("believes the newest answer, not the last to come", async () => {
    const { session, questions, states } = open();
    const before = session.load();
    const after = session.load();
    questions[1]?.(entered);
    await after;
    questions[0]?.({ server, viewer: null });
    await before;
    expect(states).toEqual(["in"]);
  });

  it("goes back to the door with a word when the session ends, once", async () => {
    const { session, questions, states } = open();
    const loading = session.load();
    questions[0]?.(entered);
    await loading;
    session.end("Ended.");
    session.end("Ended again.");
    expect(session.state()).toMatchObject({ is: "out", notice: "Ended." });
    expect(states).toEqual(["in", "out"]);
  });

  it("stays in when logging out did not reach the server", async () => {
    const { session, questions } = open();
    const loading = session.load();
    questions[0]?.(entered);
    await loading;
    let leaving = session.logOut();
    questions[1]?.(new TypeError("fetch failed"));
    expect(await leaving).toMatch(/cannot be reached/u);
    expect(session.state().is).toBe("in");
    leaving = session.logOut();
    questions[2]?.({ logOut: { __typename: "LogOutPayload", loggedOut: true } });
    expect(await leaving).toBeUndefined();
    expect(session.state()).toMatchObject({ is: "out", notice: undefined });
  });
});

describe("what an answer says of the session", () => {
  it("is read from the type of a root field", () => {
    expect(saysNotAuthenticated({ joinRoom: { __typename: "NotAuthenticatedError" } })).toBe(true);
    expect(saysNotAuthenticated({ joinRoom: { __typename: "NotFoundError" } })).toBe(false);
    expect(saysNotAuthenticated({ viewer: null })).toBe(false);
    expect(saysNotAuthenticated(undefined)).toBe(false);
  });
});

describe("sentenceFor", () => {
  it("tells the network's failures from the server's", () => {
    expect(sentenceFor(new CombinedError({ networkError: new Error("x") }))).toMatch(/reached/u);
    expect(sentenceFor(new CombinedError({ graphQLErrors: ["x"] }))).toMatch(/went wrong/u);
  });
});
