import { errorType } from "../../graphql/errors.ts";
import { BlockedError } from "./block.errors.ts";

errorType(BlockedError, {
  name: "BlockedError",
  description:
    "You or the other user has blocked the other. Which one is not disclosed. Code `BLOCKED`.",
});
