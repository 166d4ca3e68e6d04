import { describe, expect, it } from "vitest";
import { readAuthResult } from "../../web/src/auth/auth-outcome.ts";

const INVALID = { __typename: "InvalidInputError", code: "INVALID_INPUT", message: "Look again." };

describe("readAuthResult", () => {
  it("reports success for a payload", () => {
    const user = { id: "1" };
    expect(readAuthResult({ __typename: "SignUpPayload", user })).toEqual({ kind: "success" });
    expect(readAuthResult({ __typename: "LogInPayload", user })).toEqual({ kind: "success" });
  });

  it("shows the first problem of each field beside it", () => {
    const fields = [
      { field: "username", message: "Too short." },
      { field: "username", message: "Odd letters." },
      { field: "password", message: "Too common." },
    ];
    expect(readAuthResult({ ...INVALID, __typename: "InvalidInputError", fields })).toEqual({
      kind: "rejected",
      fields: { username: "Too short.", password: "Too common." },
      message: undefined,
      offer: undefined,
    });
  });

  it("shows the general message if the form lacks the problem's field", () => {
    const fields = [{ field: "device", message: "Too long." }];
    expect(readAuthResult({ ...INVALID, __typename: "InvalidInputError", fields })).toMatchObject({
      message: "Look again.",
      fields: {},
    });
  });

  it("offers to sign up after a wrong username or password", () => {
    expect(
      readAuthResult({
        __typename: "InvalidCredentialsError",
        code: "INVALID_CREDENTIALS",
        message: "No.",
      }),
    ).toMatchObject({ kind: "rejected", offer: "signUp" });
  });

  it("offers to log in if the username is taken", () => {
    expect(
      readAuthResult({ __typename: "UsernameTakenError", code: "USERNAME_TAKEN", message: "No." }),
    ).toMatchObject({ offer: "logIn", fields: { username: expect.stringMatching(/taken/u) } });
  });

  it("shows the server's message for any other error", () => {
    expect(
      readAuthResult({
        __typename: "SessionActiveError",
        code: "SESSION_ACTIVE",
        message: "Someone is logged in.",
        retryAfterMs: 5,
      }),
    ).toMatchObject({ message: "Someone is logged in.", offer: undefined });
  });
});
