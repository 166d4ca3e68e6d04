import { builder } from "../../graphql/builder.ts";
import type { SystemRecord } from "./message.record.ts";
import { UserType } from "../user/user.schema.ts";
import { MessageType } from "./message.schema.ts";
import {
  isSystemMessageType,
  SYSTEM_MESSAGES,
  type SystemMessageTypeName,
} from "./system-message.ts";

const MessageKindEnum = builder.enumType("MessageKind", {
  description: "What sort of message it is.",
  values: {
    TEXT: { description: "Somebody said it." },
    SYSTEM: {
      description:
        "It tells what happened, in `system`, and has no text of its own. It does not count as unread, and nobody edits, deletes or pins it.",
    },
  } as const,
});

const SystemNoteTypeEnum = builder.enumType("SystemNoteType", {
  description: "What a message of the kind `SYSTEM` tells. Its author is who did it.",
  values: {
    ...(Object.fromEntries(
      Object.entries(SYSTEM_MESSAGES).map(([type, description]) => [type, { description }]),
    ) as Record<SystemMessageTypeName, { description: string }>),
    OTHER: {
      description: "Something that this version of the server does not know: a newer one wrote it.",
    },
  },
});

const SystemNote = builder.objectRef<SystemRecord>("SystemNote").implement({
  description: "What happened in a conversation, and to whom.",
  fields: (t) => ({
    type: t.field({
      type: SystemNoteTypeEnum,
      description: "Value of the detail.",
      resolve: ({ type }) => (isSystemMessageType(type) ? type : "OTHER"),
    }),
    target: t.expose("target", {
      type: UserType,
      nullable: true,
      description: "To whom it happened, when that is not the author.",
    }),
    value: t.exposeString("value", {
      nullable: true,
      description: "What it became: a role, a topic, a name.",
    }),
  }),
});

builder.objectFields(MessageType, (t) => ({
  kind: t.expose("kind", {
    type: MessageKindEnum,
    description: "Whether somebody said it, or it tells what happened.",
  }),
  system: t.expose("system", {
    type: SystemNote,
    nullable: true,
    description: "What it tells; null for what somebody said.",
  }),
}));
