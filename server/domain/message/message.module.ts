import type DataLoader from "dataloader";
import { batchLoader, viewerLoader } from "../../graphql/loaders.ts";
import type { MessageRecord } from "../../log/records.ts";
import { defineModule } from "../../module.ts";
import type { Access } from "../conversation/conversation.service.ts";
import type { ChangeService } from "./change.service.ts";
import type { MentionService } from "./mention.service.ts";
import type { MessageService, RightsInPlace } from "./message.service.ts";
import type { SendService } from "./send.service.ts";
import "./message.schema.ts";
import "./change.schema.ts";
import "./mention.schema.ts";
import "./note.schema.ts";
import "./message-events.schema.ts";

declare module "../../graphql/services.ts" {
  interface Services {
    messages: MessageService;
    sending: SendService;
    mentions: MentionService;
    changes: ChangeService;
  }
}

declare module "../../graphql/loaders.ts" {
  interface Loaders {
    /** The viewer's permissions, by message; null for a message that the viewer may not read. */
    messageRights: DataLoader<string, RightsInPlace | null>;
    /** Pinned messages that the viewer may see, by conversation. */
    pinned: DataLoader<string, readonly MessageRecord[]>;
    /** The newest message that the viewer may see, by conversation. */
    newestMessage: DataLoader<string, MessageRecord | null>;
  }
}

export const messageModule = defineModule({
  name: "message",
  loaders: {
    messageRights: viewerLoader<RightsInPlace | null>(
      (userId, ids, { services }) => services.messages.rights(userId, ids),
      null,
    ),
    pinned: viewerLoader<readonly MessageRecord[]>(
      (userId, ids, { services }) => services.changes.pinned(userId, ids),
      [],
    ),
    newestMessage: batchLoader<MessageRecord | null>(async (ids, { services, loaders }) => {
      const access = await loaders.access.loadMany(ids);
      return services.messages.newestVisible(access.filter(isAccess));
    }, null),
  },
});

/** Leaves out conversations that do not exist. @throws the error of a conversation that could not be read */
function isAccess(entry: Access | Error | null): entry is Access {
  if (entry instanceof Error) throw entry;
  return entry !== null;
}
