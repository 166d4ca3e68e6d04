import type DataLoader from "dataloader";
import { viewerLoader } from "../../graphql/loaders.ts";
import { defineModule, type Needs } from "../../module.ts";
import { draftEvents } from "./draft.events.ts";
import { makeDraftService, type DraftRecord, type DraftService } from "./draft.service.ts";
import { makeDraftStore } from "./draft.store.ts";
import "./draft.schema.ts";
import "./draft-events.schema.ts";
import "./draft-errors.schema.ts";

declare module "../../graphql/services.ts" {
  interface Services {
    drafts: DraftService;
  }
}

declare module "../../infra/rate-limits.ts" {
  interface LocalLimits {
    DRAFT: true;
  }
}

declare module "../../graphql/loaders.ts" {
  interface Loaders {
    /** The viewer's draft, by conversation or by the first message of a thread. */
    draft: DataLoader<string, DraftRecord | null>;
  }
}

export const draftModule = defineModule({
  name: "draft",
  events: draftEvents,
  loaders: {
    draft: viewerLoader<DraftRecord | null>(
      (userId, ids, { services }) => services.drafts.of(userId, ids),
      null,
    ),
  },
  create: ({
    database,
    log,
    clock,
    rates,
    sending,
    conversations,
  }: Needs<"sending" | "conversations">) => {
    const store = makeDraftStore(database);
    const drafts = makeDraftService({ store, sending, conversations, log, clock, rates });
    return {
      services: { drafts },
      exportSections: [drafts.exportSection],
      eraseUser: drafts.eraseUser,
    };
  },
});
