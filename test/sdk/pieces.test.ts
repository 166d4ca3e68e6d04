import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as sdk from "@parley/sdk";
import {
  backoffMs,
  InvalidInputError,
  isRetryable,
  makeClientId,
  NotAMemberError,
  OverloadedError,
  ParleyError,
  TypedError,
  unwrap,
} from "@parley/sdk";
import { buildSchema } from "graphql";
import { expect, test } from "vitest";
import { errorTypes } from "../../sdk/codegen/error-classes.ts";
import { makePullQueue } from "../../sdk/src/realtime/pull-queue.ts";
import { withRetries } from "../../sdk/src/retry.ts";
import { documentText } from "../../sdk/src/typed-document.ts";

test("delays double up to the cap, and stay between half the bound and the bound", () => {
  const at = (random: number) =>
    [1, 2, 3, 10, 1_000].map((attempt) =>
      backoffMs(attempt, { baseMs: 100, capMs: 1_000, random: () => random }),
    );
  expect(at(0)).toEqual([50, 100, 200, 500, 500]);
  expect(at(1)).toEqual([100, 200, 400, 1_000, 1_000]);
});

test("client ids are random UUIDs of version 4", () => {
  const ids = new Set(Array.from({ length: 200 }, makeClientId));
  expect(ids.size).toBe(200);
  for (const id of ids) {
    expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
  }
});

test("every typed error of the schema has a class in the SDK", () => {
  const schema = buildSchema(
    readFileSync(join(import.meta.dirname, "../../schema.graphql"), "utf8"),
  );
  const names = errorTypes(schema).map(({ name }) => name);
  expect(names).toContain("NotAMemberError");
  for (const name of names) {
    const answer = { __typename: name, code: "X", message: "Y" };
    const error = sdk.typedError(answer);
    expect(error.name).toBe(name);
    expect(error).toBeInstanceOf((sdk as Record<string, unknown>)[name]);
  }
});

test("unwrap throws a union's error with its fields and returns its payload", () => {
  const payload = { cursor: "1", room: { id: "r" } };
  expect(unwrap(payload)).toBe(payload);
  const fields = [{ field: "slug", code: "TOO_LONG", message: "Too long." }];
  const invalid = {
    __typename: "InvalidInputError",
    code: "INVALID_INPUT",
    message: "No.",
    fields,
  };
  try {
    unwrap(invalid);
    expect.unreachable();
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidInputError);
    expect(error).toBeInstanceOf(ParleyError);
    expect(error).toMatchObject({
      code: "INVALID_INPUT",
      message: "No.",
      fields,
      retryable: false,
    });
    expect(String(error)).toBe("InvalidInputError: No.");
  }
});

test("only transient errors are retryable", () => {
  const busy = { code: "OVERLOADED", message: "Busy.", retryAfterMs: 20 };
  expect(isRetryable(new OverloadedError(busy))).toBe(true);
  expect(new OverloadedError(busy).retryAfterMs).toBe(20);
  expect(isRetryable(new NotAMemberError({ code: "NOT_A_MEMBER", message: "No." }))).toBe(false);
  expect(isRetryable(new TypeError("a bug"))).toBe(false);
});

test("a retry waits as long as the server asks, unless that exceeds the maximum delay", async () => {
  const backoff = { baseMs: 1, capMs: 100, random: () => 0 };
  const calls = async (retryAfterMs: number): Promise<{ count: number; took: number }> => {
    let count = 0;
    const began = performance.now();
    await withRetries(
      () => {
        count += 1;
        const error = new OverloadedError({ code: "OVERLOADED", message: "Busy.", retryAfterMs });
        return count === 3 ? Promise.resolve() : Promise.reject(error);
      },
      { attempts: 3, backoff },
    ).catch((error: unknown) => expect(error).toMatchObject({ retryAfterMs }));
    return { count, took: performance.now() - began };
  };
  const obeyed = await calls(60);
  expect(obeyed.count).toBe(3);
  // Each timer may fire up to a millisecond early.
  expect(obeyed.took).toBeGreaterThanOrEqual(118);
  expect(await calls(101)).toMatchObject({ count: 1 });
  expect(await calls(100_000)).toMatchObject({ count: 1 });
});

test("an error type newer than the SDK becomes a TypedError with its fields", () => {
  const error = sdk.typedError({
    __typename: "MutedError",
    code: "MUTED",
    message: "Quiet.",
    ...{ until: "tomorrow" },
  });
  expect(error).toBeInstanceOf(TypedError);
  expect(error).toMatchObject({ name: "MutedError", code: "MUTED", until: "tomorrow" });
});

test("documents may be strings, objects with toString, or syntax trees with a printer", () => {
  const tree = { kind: "Document", definitions: [] };
  expect(documentText("{ a }")).toBe("{ a }");
  expect(documentText(new String("{ b }"))).toBe("{ b }");
  expect(documentText(tree, () => "{ c }")).toBe("{ c }");
  expect(() => documentText(tree)).toThrow(TypeError);
});

test("a pull queue serves waiting consumers in order and ends after its last value", async () => {
  const taken: number[] = [];
  const queue = makePullQueue<number>((value) => taken.push(value));
  const waiting = [queue.take(), queue.take()];
  queue.put(1);
  queue.put(2);
  queue.put(3);
  expect(await Promise.all(waiting)).toEqual([
    { done: false, value: 1 },
    { done: false, value: 2 },
  ]);
  expect(taken).toEqual([1, 2]);
  expect(queue.size).toBe(1);
  queue.end(new Error("over"));
  queue.put(4);
  expect(await queue.take()).toEqual({ done: false, value: 3 });
  await expect(queue.take()).rejects.toThrow("over");
  expect(await queue.take()).toEqual({ done: true, value: undefined });
});

test("clearing a pull queue releases waiting consumers and discards its values", async () => {
  const queue = makePullQueue<number>(() => undefined);
  const waiting = queue.take();
  queue.clear();
  expect(await waiting).toEqual({ done: true, value: undefined });
  queue.put(1);
  expect(queue.size).toBe(0);
  expect(await queue.take()).toEqual({ done: true, value: undefined });
});
