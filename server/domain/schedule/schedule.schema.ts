import { builder } from "../../graphql/builder.ts";
import { mutation, type PayloadFields } from "../../graphql/mutation.ts";
import {
  dateOf,
  fromListCursor,
  paginate,
  toListCursor,
  uuidOf,
} from "../../graphql/connection.ts";
import { globalId, optionalId, registerNode, requireId } from "../../graphql/node.ts";
import { requireViewer } from "../../graphql/viewer.ts";
import {
  LimitReachedError,
  NotAllowedError,
  NotFoundError,
  RateLimitedError,
} from "../../kernel/errors.ts";
import { NotAMemberError } from "../conversation/conversation.errors.ts";
import { BannedError } from "../room/room.errors.ts";
import { ViewerType } from "../session/session.schema.ts";
import type { Scheduled, ScheduledKey, ScheduledRecord } from "./schedule.service.ts";

const ScheduledStateEnum = builder.enumType("ScheduledMessageState", {
  description: "The state of a scheduled message.",
  values: {
    SCHEDULED: { description: "Waiting for its time, or being sent." },
    FAILED: { description: "It could not be sent. Edit or cancel it." },
  } as const,
});

export const ScheduledMessageType = builder
  .objectRef<ScheduledRecord>("ScheduledMessage")
  .implement({
    description: "Your message that will be sent later. Only you can see it.",
    interfaces: [builder.nodeInterfaceRef()],
    fields: (t) => ({
      id: t.id({
        description: "Global id.",
        resolve: ({ id }) => globalId("ScheduledMessage", id),
      }),
      conversationId: t.id({
        description: "Global id of its conversation.",
        resolve: ({ conversationId }) => globalId("Conversation", conversationId),
      }),
      threadRootId: t.id({
        nullable: true,
        description: "Global id of the root message of its thread.",
        resolve: ({ threadRootId }) =>
          threadRootId === null ? null : globalId("Message", threadRootId),
      }),
      replyToId: t.id({
        nullable: true,
        description: "Global id of the message that it replies to.",
        resolve: ({ replyToId }) => (replyToId === null ? null : globalId("Message", replyToId)),
      }),
      body: t.exposeString("body", { description: "The text, unchanged." }),
      sendAt: t.expose("sendAt", {
        type: "DateTime",
        description:
          "Time to send it. The server sends it later only if it was not running at that time.",
      }),
      clientId: t.expose("clientId", {
        type: "UUID",
        description: "The `clientId` of the future message.",
      }),
      state: t.expose("state", {
        type: ScheduledStateEnum,
        description: "Its state.",
      }),
      failureCode: t.exposeString("failure", {
        nullable: true,
        description: "For `FAILED`: the error code, such as `NOT_A_MEMBER`.",
      }),
      createdAt: t.expose("createdAt", {
        type: "DateTime",
        description: "When it was scheduled.",
      }),
    }),
  });

declare module "../../graphql/node.ts" {
  interface NodeKinds {
    ScheduledMessage: ScheduledRecord;
  }
}

registerNode("ScheduledMessage", (ids, context) =>
  context.services.schedules.ownByIds(requireViewer(context.viewer).user.id, ids),
);

function scheduledKey(cursor: string | undefined): ScheduledKey | undefined {
  if (cursor === undefined) return undefined;
  const [sendAt, id] = fromListCursor(cursor, 2);
  return { sendAt: dateOf(sendAt), id: uuidOf(id) };
}

builder.objectField(ViewerType, "scheduledMessages", (t) =>
  t.connection(
    {
      type: ScheduledMessageType,
      description: "Your scheduled messages, including failed ones, next first.",
      resolve: (viewer, args, context) =>
        paginate(
          {
            args,
            defaultSize: 50,
            maxSize: context.services.server.facts.pageSize,
            toCursor: ({ sendAt, id }: ScheduledRecord) => toListCursor(sendAt.toISOString(), id),
            toNode: (scheduled) => scheduled,
          },
          ({ before, after, limit, inverted }) =>
            context.services.schedules.page(viewer.user.id, {
              before: scheduledKey(before),
              after: scheduledKey(after),
              limit,
              inverted,
            }),
        ),
    },
    { name: "ScheduledMessageConnection", description: "A page of scheduled messages." },
    {
      name: "ScheduledMessageEdge",
      description: "A scheduled message and its cursor in the list.",
    },
  ),
);

const scheduledPayload = (t: PayloadFields<Scheduled>) => ({
  scheduledMessage: t.expose("scheduled", {
    type: ScheduledMessageType,
    description: "The current scheduled message.",
  }),
  cursor: t.expose("position", { type: "Cursor", description: "Log position of the change." }),
});

const ownId = (id: string | number): string =>
  requireId("ScheduledMessage", String(id), "scheduledMessageId");

mutation({
  name: "scheduleMessage",
  description:
    "Sends a message later, exactly once. The server checks your permission at that time; without it, the message stays in `viewer.scheduledMessages` as `FAILED`. At most 100 for each user.",
  input: {
    description:
      'The message and its time: `{ conversationId: "Q29udmVyc2F0aW9uOi…", body: "good morning", sendAt: "2030-01-01T08:00:00Z" }`.',
    fields: (t) => ({
      conversationId: t.id({
        required: true,
        description: "Global id of a conversation of which you are a member.",
      }),
      body: t.string({
        required: true,
        description: "The text, at most `server.limits.messageLength` characters.",
      }),
      sendAt: t.field({
        type: "DateTime",
        required: true,
        description: "Time to send it: in the future, at most 366 days ahead.",
      }),
      clientId: t.field({
        type: "UUID",
        description:
          "A UUID that you generate, which the message will have. After a failure, schedule again with the same UUID: the message is stored once.",
      }),
      replyToId: t.id({
        description: "Global id of the message to reply to, in the same conversation.",
      }),
      threadRootId: t.id({
        description: "Global id of the root message of its thread.",
      }),
    }),
  },
  payload: {
    description: "The message will be sent, even if this device is offline.",
    fields: scheduledPayload,
  },
  errors: [NotFoundError, BannedError, NotAMemberError, LimitReachedError, RateLimitedError],
  resolve: ({ input, viewer, services }) =>
    services.schedules.schedule(viewer.user.id, {
      conversationId: requireId("Conversation", input.conversationId, "conversationId"),
      body: input.body,
      sendAt: input.sendAt,
      clientId: input.clientId ?? null,
      replyToId: optionalId("Message", input.replyToId, "replyToId"),
      threadRootId: optionalId("Message", input.threadRootId, "threadRootId"),
    }),
});

mutation({
  name: "editScheduledMessage",
  description:
    "Changes text or time of a scheduled message, or retries a failed one. `NOT_ALLOWED` while it is being sent.",
  input: {
    description: "The changes of a scheduled message; omitted fields do not change.",
    fields: (t) => ({
      scheduledMessageId: t.id({
        required: true,
        description: "Global id of your scheduled message.",
      }),
      body: t.string({
        description: "The new text, at most `server.limits.messageLength` characters.",
      }),
      sendAt: t.field({
        type: "DateTime",
        description:
          "The new time: in the future, at most 366 days ahead. Required after a failure.",
      }),
    }),
  },
  payload: { description: "The message will be sent with your changes.", fields: scheduledPayload },
  errors: [NotFoundError, BannedError, NotAllowedError],
  resolve: ({ input, viewer, services }) =>
    services.schedules.edit(viewer.user.id, ownId(input.scheduledMessageId), {
      body: input.body ?? undefined,
      sendAt: input.sendAt ?? undefined,
    }),
});

mutation({
  name: "cancelScheduledMessage",
  description: "Cancels a scheduled message. `NOT_ALLOWED` while it is being sent.",
  input: {
    description: "The scheduled message to cancel.",
    fields: (t) => ({
      scheduledMessageId: t.id({
        required: true,
        description: "Global id of your scheduled message.",
      }),
    }),
  },
  payload: {
    description: "The message will not be sent.",
    fields: (t: PayloadFields<Scheduled>) => ({
      scheduledMessageId: t.id({
        description: "Global id of the cancelled message.",
        resolve: ({ scheduled }) => globalId("ScheduledMessage", scheduled.id),
      }),
      cursor: t.expose("position", { type: "Cursor", description: "Log position of the change." }),
    }),
  },
  errors: [NotFoundError, BannedError, NotAllowedError],
  resolve: ({ input, viewer, services }) =>
    services.schedules.cancel(viewer.user.id, ownId(input.scheduledMessageId)),
});
