import { errorType } from "../../graphql/errors.ts";
import { FileTooLargeError } from "./upload.errors.ts";

errorType(FileTooLargeError, {
  name: "FileTooLargeError",
  description: "The file is too large. Code `FILE_TOO_LARGE`.",
  fields: (t) => ({
    maxBytes: t.exposeInt("maxBytes", {
      description: "Maximum size of this kind of file, in bytes.",
    }),
  }),
});
