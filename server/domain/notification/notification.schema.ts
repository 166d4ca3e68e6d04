import { builder, viewerDependent } from "../../graphql/builder.ts";
import { globalId, requireId } from "../../graphql/node.ts";
import { requireViewer } from "../../graphql/viewer.ts";
import {
  BannedError,
  InvalidInputError,
  NotAMemberError,
  NotAuthenticatedError,
  NotFoundError,
} from "../../kernel/errors.ts";
import type { NotificationRecord } from "./notification.record.ts";
import { MembershipType } from "../conversation/conversation.schema.ts";
import type { NotificationsResult } from "./notification.service.ts";

const NotificationLevelEnum = builder.enumType("NotificationLevel", {
  description: "What somebody wants to be notified of in a conversation.",
  values: {
    ALL: { description: "Every message." },
    MENTIONS: { description: "Only messages that mention them, or everyone." },
    NOTHING: { description: "Nothing at all." },
  } as const,
});

export const NotificationSettingsType = builder
  .objectRef<NotificationRecord>("NotificationSettings")
  .implement({
    description: "What you want to be notified of in a conversation. It says nothing to others.",
    fields: (t) => ({
      level: t.expose("level", {
        type: NotificationLevelEnum,
        description: "Of which messages.",
      }),
      mutedUntil: t.expose("mutedUntil", {
        type: "DateTime",
        nullable: true,
        description: "Until when of none, whatever the level; null when it is not muted.",
      }),
    }),
  });

builder.objectField(MembershipType, "notifications", (t) =>
  t.field({
    ...viewerDependent,
    type: NotificationSettingsType,
    nullable: true,
    description:
      "What you want to be notified of here; null for memberships of others. Depends on the viewer.",
    resolve: (membership, _args, context) =>
      context.viewer?.user.id === membership.user.id
        ? context.loaders.notifications.load(membership.conversationId)
        : null,
  }),
);

const SetNotificationsInput = builder.inputType("SetNotificationsInput", {
  description:
    'What to be notified of, and where: `{ conversationId: "Q29udmV…", level: MENTIONS }`.',
  fields: (t) => ({
    conversationId: t.id({
      required: true,
      description: "Global id of one of your conversations.",
    }),
    level: t.field({
      type: NotificationLevelEnum,
      required: true,
      description: "Of which messages.",
    }),
    mutedUntil: t.field({
      type: "DateTime",
      description:
        "Until when of none, whatever the level. Left out, null or in the past: it is not muted.",
    }),
  }),
});

const SetNotificationsPayload = builder
  .objectRef<NotificationsResult>("SetNotificationsPayload")
  .implement({
    description: "It is as you want it, on all your devices.",
    fields: (t) => ({
      conversationId: t.id({
        description: "Global id of the conversation.",
        resolve: (set) => globalId("Conversation", set.conversationId),
      }),
      notifications: t.expose("settings", {
        type: NotificationSettingsType,
        description: "What you are notified of now.",
      }),
      cursor: t.expose("position", { type: "Cursor", description: "Log position of the change." }),
    }),
  });

builder.mutationField("setNotifications", (t) =>
  t.field({
    type: SetNotificationsPayload,
    args: {
      input: t.arg({ type: SetNotificationsInput, required: true, description: "Of what." }),
    },
    errors: {
      types: [
        NotAuthenticatedError,
        InvalidInputError,
        NotFoundError,
        BannedError,
        NotAMemberError,
      ],
      union: { name: "SetNotificationsResult", description: "What comes of `setNotifications`." },
    },
    description:
      "Sets what you want to be notified of in a conversation. Nobody else learns of it.",
    resolve: (_parent, { input }, context) =>
      context.services.notifications.set(
        requireViewer(context.viewer).user.id,
        requireId("Conversation", input.conversationId, "conversationId"),
        { level: input.level, mutedUntil: input.mutedUntil ?? null },
      ),
  }),
);
