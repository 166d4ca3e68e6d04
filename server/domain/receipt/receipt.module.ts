import type DataLoader from "dataloader";
import { viewerLoader } from "../../graphql/loaders.ts";
import { defineModule } from "../../module.ts";
import type { Mark, ReceiptService } from "./receipt.service.ts";
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
});
