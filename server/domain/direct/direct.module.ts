import { defineModule, type Needs } from "../../module.ts";
import { makeDirectService, type DirectService } from "./direct.service.ts";
import { makeDirectStore } from "./direct.store.ts";
import "./direct.schema.ts";

declare module "../../graphql/services.ts" {
  interface Services {
    directs: DirectService;
  }
}

declare module "../../infra/rate-limits.ts" {
  interface SharedLimits {
    OPEN_DIRECT: true;
  }
}

export const directModule = defineModule({
  name: "direct",
  create: ({
    config,
    database,
    log,
    clock,
    rates,
    users,
    blocks,
    conversations,
  }: Needs<"users" | "blocks" | "conversations">) => {
    const directs = makeDirectService({
      store: makeDirectStore(database),
      users,
      blocks,
      conversations,
      log,
      clock,
      rates,
      peopleLimit: config.DIRECT_MAX_PEOPLE,
    });
    return { services: { directs }, eraseUser: directs.eraseUser };
  },
});
