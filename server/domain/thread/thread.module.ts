import type DataLoader from "dataloader";
import { viewerLoader } from "../../graphql/loaders.ts";
import { defineModule, type Needs } from "../../module.ts";
import { threadEvents } from "./thread.events.ts";
import { makeThreadService, type ThreadService } from "./thread.service.ts";
import { makeThreadStore } from "./thread.store.ts";
import "./thread.schema.ts";
import "./thread-events.schema.ts";

declare module "../../graphql/services.ts" {
  interface Services {
    threads: ThreadService;
  }
}

declare module "../../graphql/loaders.ts" {
  interface Loaders {
    /** Whether the viewer chose to follow a thread, by its first message; null without a choice. */
    followsThread: DataLoader<string, boolean | null>;
  }
}

export const threadModule = defineModule({
  name: "thread",
  events: threadEvents,
  loaders: {
    followsThread: viewerLoader<boolean | null>(
      (userId, ids, { services }) => services.threads.follows(userId, ids),
      null,
    ),
  },
  create: ({
    database,
    log,
    rates,
    messages,
    conversations,
  }: Needs<"messages" | "conversations">) => {
    const store = makeThreadStore(database);
    const threads = makeThreadService({ store, messages, conversations, log, rates });
    return { services: { threads }, eraseUser: threads.eraseUser };
  },
});
