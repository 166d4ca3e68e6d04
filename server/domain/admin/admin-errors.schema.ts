import { errorType } from "../../graphql/errors.ts";
import { SuspendedError, LastAdministratorError } from "./admin.errors.ts";

errorType(SuspendedError, {
  name: "SuspendedError",
  description: "The password is right, but the account is suspended. Code `SUSPENDED`.",
  fields: (t) => ({
    until: t.expose("until", {
      type: "DateTime",
      nullable: true,
      description: "End of the suspension; null if it lasts until an administrator lifts it.",
    }),
    reason: t.exposeString("reason", { description: "The administrator's reason." }),
  }),
});
errorType(LastAdministratorError, {
  name: "LastAdministratorError",
  description:
    "The last administrator cannot be removed while other accounts exist. Code `LAST_ADMINISTRATOR`.",
});
