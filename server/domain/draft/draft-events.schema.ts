import { globalId } from "../../graphql/node.ts";
import { eventType } from "../event/event-interface.schema.ts";
import { DraftType } from "./draft.schema.ts";
import { draftChanged } from "./draft.events.ts";

eventType(draftChanged, {
  description:
    "Your draft was changed or cleared on one of your devices. Only you receive this event.",
  fields: (t) => ({
    threadRootId: t.id({
      nullable: true,
      description: "Global id of the root message of its thread.",
      resolve: ({ payload: { threadRootId } }) =>
        threadRootId === null ? null : globalId("Message", threadRootId),
    }),
    draft: t.field({
      type: DraftType,
      nullable: true,
      description:
        "The draft at the time when the event is sent; null if it is cleared. Stored events do not contain its text.",
      resolve: ({ payload: { draftId } }, _args, context) =>
        draftId === null ? null : context.services.drafts.find(draftId),
    }),
  }),
});
