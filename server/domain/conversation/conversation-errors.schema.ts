import { errorType } from "../../graphql/errors.ts";
import { NotAMemberError, ArchivedError } from "./conversation.errors.ts";

errorType(NotAMemberError, {
  name: "NotAMemberError",
  description: "Only members may do this. Code `NOT_A_MEMBER`.",
});
errorType(ArchivedError, {
  name: "ArchivedError",
  description: "The conversation is archived and read-only. Code `ARCHIVED`.",
});
