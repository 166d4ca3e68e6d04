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
  description: "The kind of a message.",
  values: {
    TEXT: { description: "A message written by a user." },
    SYSTEM: {
      description:
        "Reports a change in `system` and has no text. It does not count as unread, and users cannot edit, delete or pin it.",
    },
  } as const,
});

const SystemNoteTypeEnum = builder.enumType("SystemNoteType", {
  description: "The content of a `SYSTEM` message. Its author is the user who made the change.",
  values: {
    ...(Object.fromEntries(
      Object.entries(SYSTEM_MESSAGES).map(([type, description]) => [type, { description }]),
    ) as Record<SystemMessageTypeName, { description: string }>),
    OTHER: {
      description: "A type that this version of the server does not know, written by a newer one.",
    },
  },
});

const SystemNote = builder.objectRef<SystemRecord>("SystemNote").implement({
  description: "A change in a conversation and the affected user.",
  fields: (t) => ({
    type: t.field({
      type: SystemNoteTypeEnum,
      description: "Type of the change.",
      resolve: ({ type }) => (isSystemMessageType(type) ? type : "OTHER"),
    }),
    target: t.expose("target", {
      type: UserType,
      nullable: true,
      description: "The affected user, if not the author.",
    }),
    value: t.exposeString("value", {
      nullable: true,
      description: "The new value: a role, a topic, a name.",
    }),
  }),
});

builder.objectFields(MessageType, (t) => ({
  kind: t.expose("kind", {
    type: MessageKindEnum,
    description: "Whether a user wrote it or it reports a change.",
  }),
  system: t.expose("system", {
    type: SystemNote,
    nullable: true,
    description: "The change that it describes; null for a message of a user.",
  }),
}));
