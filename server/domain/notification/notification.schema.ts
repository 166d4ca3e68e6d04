import { builder, viewerDependent } from "../../graphql/builder.ts";
import { mutation, type PayloadFields } from "../../graphql/mutation.ts";
import { globalId, requireId } from "../../graphql/node.ts";
import { NotFoundError } from "../../kernel/errors.ts";
import { NotAMemberError } from "../conversation/conversation.errors.ts";
import { BannedError } from "../room/room.errors.ts";
import type { NotificationRecord } from "./notification.record.ts";
import { MembershipType } from "../conversation/conversation.schema.ts";
import type { NotificationsResult } from "./notification.service.ts";

const NotificationLevelEnum = builder.enumType("NotificationLevel", {
  description: "Which messages of a conversation notify a user.",
  values: {
    ALL: { description: "Every message." },
    MENTIONS: { description: "Only messages that mention the user or all members." },
    NOTHING: { description: "No message." },
  } as const,
});

export const NotificationSettingsType = builder
  .objectRef<NotificationRecord>("NotificationSettings")
  .implement({
    description: "Your notification settings for a conversation. Others cannot see them.",
    fields: (t) => ({
      level: t.expose("level", {
        type: NotificationLevelEnum,
        description: "Which messages notify you.",
      }),
      mutedUntil: t.expose("mutedUntil", {
        type: "DateTime",
        nullable: true,
        description:
          "Notifications are off until this time, regardless of the level; null when not muted.",
      }),
    }),
  });

builder.objectField(MembershipType, "notifications", (t) =>
  t.field({
    ...viewerDependent,
    type: NotificationSettingsType,
    nullable: true,
    description:
      "Your notification settings here; null for memberships of others. Depends on the viewer.",
    resolve: (membership, _args, context) =>
      context.viewer?.user.id === membership.user.id
        ? context.loaders.notifications.load(membership.conversationId)
        : null,
  }),
);

mutation({
  name: "setNotifications",
  description: "Sets which messages of a conversation notify you. Others cannot see it.",
  input: {
    description:
      'The conversation and its new settings: `{ conversationId: "Q29udmV…", level: MENTIONS }`.',
    fields: (t) => ({
      conversationId: t.id({
        required: true,
        description: "Global id of one of your conversations.",
      }),
      level: t.field({
        type: NotificationLevelEnum,
        required: true,
        description: "Which messages notify you.",
      }),
      mutedUntil: t.field({
        type: "DateTime",
        description:
          "Notifications are off until this time, regardless of the level. Omitted, null or in the past: not muted.",
      }),
    }),
  },
  payload: {
    description: "Your settings are stored and apply to all your devices.",
    fields: (t: PayloadFields<NotificationsResult>) => ({
      conversationId: t.id({
        description: "Global id of the conversation.",
        resolve: (set) => globalId("Conversation", set.conversationId),
      }),
      notifications: t.expose("settings", {
        type: NotificationSettingsType,
        description: "Your new notification settings.",
      }),
      cursor: t.expose("position", { type: "Cursor", description: "Log position of the change." }),
    }),
  },
  errors: [NotFoundError, BannedError, NotAMemberError],
  resolve: ({ input, viewer, services }) =>
    services.notifications.set(
      viewer.user.id,
      requireId("Conversation", input.conversationId, "conversationId"),
      { level: input.level, mutedUntil: input.mutedUntil ?? null },
    ),
});
