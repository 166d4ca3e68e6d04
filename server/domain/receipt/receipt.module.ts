import type DataLoader from "dataloader";
import { viewerLoader } from "../../graphql/loaders.ts";
import { defineModule, type Needs } from "../../module.ts";
import { makeReceiptService, type Mark, type ReceiptService } from "./receipt.service.ts";
import { makeMarkSignals } from "./mark-signals.service.ts";
import { makeReceiptStore } from "./receipt.store.ts";
import "./receipt.schema.ts";
import "./mark.schema.ts";
import "./unread.schema.ts";

declare module "../../graphql/services.ts" {
  interface Services {
    receipts: ReceiptService;
  }
}

declare module "../../graphql/loaders.ts" {
  interface Loaders {
    /** The viewer's own marks and unread counts, by conversation; null without a membership. */
    marks: DataLoader<string, Mark | null>;
  }
}

export const receiptModule = defineModule({
  name: "receipt",
  loaders: {
    marks: viewerLoader<Mark | null>(
      (userId, ids, { services }) => services.receipts.marks(userId, ids),
      null,
    ),
  },
  create: ({
    config,
    database,
    log,
    signals,
    logger,
    conversations,
    activity,
  }: Needs<"conversations" | "activity">) => {
    const store = makeReceiptStore(database);
    const markSignals = makeMarkSignals({
      store,
      signals,
      activity,
      log,
      logger,
      liveMembers: config.RECEIPTS_LIVE_MEMBERS,
    });
    const queue = config.APPEND_QUEUE;
    const receipts = makeReceiptService({ store, conversations, signals: markSignals, log, queue });
    return { services: { receipts } };
  },
});
