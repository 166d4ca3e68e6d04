import { errorType } from "../../graphql/errors.ts";
import { InvalidCredentialsError, SessionActiveError } from "./auth.errors.ts";

errorType(InvalidCredentialsError, {
  name: "InvalidCredentialsError",
  description:
    "The username or the password is wrong. Which one is not disclosed. Code `INVALID_CREDENTIALS`.",
});
errorType(SessionActiveError, {
  name: "SessionActiveError",
  description:
    "You are logged in elsewhere, and the server allows one session at a time. Code `SESSION_ACTIVE`.",
});
