import { makePasswords } from "../../infra/passwords.ts";
import { defineModule, type Needs } from "../../module.ts";
import { makeAuthService, type AuthService } from "./auth.service.ts";
import { PASSWORD_MIN_LENGTH } from "./auth.policy.ts";
import { makeAuthStore } from "./auth.store.ts";
import { makeGuessService } from "./guess.service.ts";
import "./auth.schema.ts";
import "./auth-errors.schema.ts";

declare module "../../graphql/services.ts" {
  interface Services {
    auth: AuthService;
  }
}

declare module "../../infra/rate-limits.ts" {
  interface SharedLimits {
    LOG_IN_TOTAL: true;
    LOG_IN_ADDRESS: true;
    LOG_IN_ACCOUNT: true;
    LOG_IN_KNOWN: true;
    SIGN_UP: true;
    PASSWORD: true;
  }
}

type AuthNeeds = Needs<"sessions" | "users" | "rooms" | "admin" | "audit">;

export const authModule = defineModule({
  name: "auth",
  create: (context: AuthNeeds) => {
    const { config, database, log, clock, rates } = context;
    const { sessions, users, rooms, admin, audit } = context;
    const store = makeAuthStore(database);
    const passwords = makePasswords({
      concurrency: config.PASSWORD_CONCURRENCY,
      queueLimit: config.PASSWORD_QUEUE,
      memoryMiB: config.PASSWORD_MEMORY_MIB,
      shortest: PASSWORD_MIN_LENGTH,
    });
    const auth = makeAuthService({
      store,
      sessions,
      users,
      rooms,
      admin,
      audit,
      passwords,
      guesses: makeGuessService({ store, passwords, clock, rates }),
      reservedNames: [config.SERVER_NAME, "parley"],
      log,
      clock,
      rates,
      policy: config.SESSION_POLICY,
    });
    return { services: { auth } };
  },
});
