import { errorType } from "../../graphql/errors.ts";
import { UsernameTakenError } from "./user.errors.ts";

errorType(UsernameTakenError, {
  name: "UsernameTakenError",
  description: "This username is taken. Code `USERNAME_TAKEN`.",
});
