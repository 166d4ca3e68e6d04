import { errorType } from "../../graphql/errors.ts";
import { StaleDraftError } from "./draft.errors.ts";

errorType(StaleDraftError, {
  name: "StaleDraftError",
  description:
    "Another of your devices changed the draft after the version that you edited. Nothing was saved. Code `STALE_DRAFT`.",
});
