import { builder } from "../../graphql/builder.ts";
import { globalId } from "../../graphql/node.ts";
import {
  conversationIdField,
  EventInterface,
  type EventOf,
} from "../event/event-interface.schema.ts";
import { DraftType } from "./draft.schema.ts";

builder.objectRef<EventOf<"DRAFT_CHANGED">>("DraftChanged").implement({
  description: "A draft of yours was changed or cleared, on any device. Seen by you alone.",
  interfaces: [EventInterface],
  fields: (t) => ({
    conversationId: t.id({
      ...conversationIdField,
      resolve: (event) => globalId("Conversation", event.payload.conversationId),
    }),
    threadRootId: t.id({
      nullable: true,
      description: "Global id of the first message of the thread that it is for.",
      resolve: ({ payload: { threadRootId } }) =>
        threadRootId === null ? null : globalId("Message", threadRootId),
    }),
    draft: t.field({
      type: DraftType,
      nullable: true,
      description:
        "The draft as it is when the event is sent; null when it is cleared. Its text is in no event that is stored.",
      resolve: ({ payload: { draftId } }, _args, context) =>
        draftId === null ? null : context.services.drafts.find(draftId),
    }),
  }),
});
