import { describe, expect, test } from "vitest";
import { isTransient } from "../../server/log/transient-error.ts";

const failure = (properties: object, message = "failed"): Error =>
  Object.assign(new Error(message), properties);
/** Wraps an error of the adapter like Prisma. */
const wrapped = (cause: object): Error =>
  failure({ code: "P2010", meta: { driverAdapterError: failure({ cause }) } });

describe("a failure", () => {
  test.for<[string, unknown]>([
    ["a refused connection", failure({ code: "ECONNREFUSED" })],
    ["a cut connection", failure({ code: "ECONNRESET" })],
    ["a connection lost in the middle", failure({}, "Connection terminated unexpectedly")],
    ["a pool without a free connection", failure({}, "timeout exceeded when trying to connect")],
    ["a deadlock", failure({ code: "40P01" })],
    ["a server that shuts down", failure({ code: "57P01" })],
    ["too many connections", failure({ code: "53300" })],
    ["no database behind Prisma", failure({ code: "P1001" })],
    ["a transaction that could not start in time", failure({ code: "P2028" })],
    ["no database behind Prisma's adapter", wrapped({ kind: "DatabaseNotReachable" })],
    ["a connection closed below Prisma", wrapped({ kind: "ConnectionClosed" })],
    [
      "a shutdown below Prisma",
      wrapped({ kind: "postgres", originalCode: "57P01", code: "57P01" }),
    ],
    ["the adapter's own error", failure({ cause: { kind: "DatabaseNotReachable" } })],
  ])("is transient after %s", ([, error]) => {
    expect(isTransient(error)).toBe(true);
  });

  test.for<[string, unknown]>([
    ["a missing table", failure({ code: "42P01" })],
    ["a missing table below Prisma", wrapped({ kind: "TableDoesNotExist", table: "Message" })],
    [
      "a value that PostgreSQL refuses",
      wrapped({ kind: "postgres", originalCode: "22021", code: "22021" }),
    ],
    ["a unique value that is taken", failure({ code: "P2002" })],
    ["a program's mistake", new TypeError("x is not a function")],
    ["undefined", undefined],
    ["a text", "ECONNREFUSED"],
  ])("is not transient after %s", ([, error]) => {
    expect(isTransient(error)).toBe(false);
  });
});
