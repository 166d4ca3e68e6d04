import { defineModule, type Needs } from "../../module.ts";
import { makeSearchService, type SearchService } from "./search.service.ts";
import { makeSearchIndexService } from "./search-index.service.ts";
import { makeSearchIndexStore } from "./search-index.store.ts";
import { makeSearchStore } from "./search.store.ts";
import "./search.schema.ts";

declare module "../../graphql/services.ts" {
  interface Services {
    search: SearchService;
  }
}

export const searchModule = defineModule({
  name: "search",
  create: ({ database, log, logger, instanceId, messages }: Needs<"messages">) => {
    const index = makeSearchIndexService({
      store: makeSearchIndexStore(database),
      log,
      logger,
      instanceId,
    });
    return {
      services: { search: makeSearchService({ store: makeSearchStore(database), messages }) },
      startBackground: index.start,
      stop: index.stop,
    };
  },
});
