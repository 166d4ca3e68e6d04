import { describe, expect, it } from "vitest";
import { readAuthResult } from "../../web/src/auth/outcome.ts";

const INVALID = { __typename: "InvalidInputError", code: "INVALID_INPUT", message: "Look again." };

describe("readAuthResult", () => {
  it("enters on a payload", () => {
    const user = { id: "1" };
    expect(readAuthResult({ __typename: "SignUpPayload", user })).toEqual({ is: "entered" });
    expect(readAuthResult({ __typename: "LogInPayload", user })).toEqual({ is: "entered" });
  });

  it("puts problems beside their fields, the first of each", () => {
    const fields = [
      { field: "username", message: "Too short." },
      { field: "username", message: "Odd letters." },
      { field: "password", message: "Too common." },
    ];
    expect(readAuthResult({ ...INVALID, __typename: "InvalidInputError", fields })).toEqual({
      is: "refused",
      fields: { username: "Too short.", password: "Too common." },
      message: undefined,
      offer: undefined,
    });
  });

  it("does not lose a problem that the form has no field for", () => {
    const fields = [{ field: "device", message: "Too long." }];
    expect(readAuthResult({ ...INVALID, __typename: "InvalidInputError", fields })).toMatchObject({
      message: "Look again.",
      fields: {},
    });
  });

  it("offers to sign up when the name and password do not go together", () => {
    expect(
      readAuthResult({
        __typename: "InvalidCredentialsError",
        code: "INVALID_CREDENTIALS",
        message: "No.",
      }),
    ).toMatchObject({ is: "refused", offer: "signUp" });
  });

  it("offers to log in when the name is taken", () => {
    expect(
      readAuthResult({ __typename: "UsernameTakenError", code: "USERNAME_TAKEN", message: "No." }),
    ).toMatchObject({ offer: "logIn", fields: { username: expect.stringMatching(/already/u) } });
  });

  it("says what the server says about everything else", () => {
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
