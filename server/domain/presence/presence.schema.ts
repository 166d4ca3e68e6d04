import { builder, viewerDependent } from "../../graphql/builder.ts";
import { requireViewer } from "../../graphql/viewer.ts";
import { InvalidInputError, NotAuthenticatedError } from "../../kernel/errors.ts";
import type { PresenceRecord } from "../../signal/signal.ts";
import { ViewerType } from "../session/session.schema.ts";
import { RoomType } from "../room/room.schema.ts";
import { UserType } from "../user/user.schema.ts";
import type { CurrentPresence } from "./presence.service.ts";

const PresenceStatusEnum = builder.enumType("PresenceStatus", {
  description: "Whether somebody is there.",
  values: {
    ONLINE: { description: "Connected, with a device that they use." },
    AWAY: { description: "Connected, but away from all their devices." },
    OFFLINE: { description: "Not connected, or not to be seen." },
  } as const,
});

export const PresenceType = builder
  .objectRef<CurrentPresence & Partial<PresenceRecord>>("Presence")
  .implement({
    description: "Whether somebody is there, on any of their devices.",
    fields: (t) => ({
      status: t.expose("status", { type: PresenceStatusEnum, description: "Whether they are." }),
      lastSeenAt: t.field({
        type: "DateTime",
        nullable: true,
        description: "When they last were; null while they are, and when they never were.",
        resolve: (presence, _args, context) => {
          if (presence.status !== "OFFLINE") return null;
          return presence.lastSeenAt === undefined
            ? context.loaders.lastSeen.load(presence.userId)
            : presence.lastSeenAt;
        },
      }),
      invisible: t.exposeBoolean("invisible", {
        description:
          "Whether they hide, so that others see them as offline. Only they themselves are told, by `viewer` and of themselves by `presence`.",
      }),
    }),
  });

builder.prismaObjectField(UserType, "presence", (t) =>
  t.field({
    type: PresenceType,
    description:
      "Whether they are there, as others see it: `presence { status lastSeenAt }`. How you are yourself is in `viewer`.",
    resolve: (user, _args, context) => context.services.presence.now(user.id),
  }),
);

builder.objectField(ViewerType, "presence", (t) =>
  t.field({
    ...viewerDependent,
    type: PresenceType,
    description: "How you are, also while you hide.",
    resolve: (viewer, _args, context) => context.services.presence.own(viewer.user.id),
  }),
);

builder.objectField(RoomType, "onlineCount", (t) =>
  t.int({
    description: "How many of its members others see as online or away.",
    resolve: (room, _args, context) => context.loaders.onlineCount.load(room.id),
  }),
);

const DeviceStatusEnum = builder.enumType("DeviceStatus", {
  description: "How you are with a device.",
  values: {
    ONLINE: { description: "You use it." },
    AWAY: { description: "You do not look at it." },
  } as const,
});

const SetPresenceInput = builder.inputType("SetPresenceInput", {
  description: "How you are: `{ status: AWAY }`. What is left out stays as it is.",
  fields: (t) => ({
    status: t.field({
      type: DeviceStatusEnum,
      description:
        "Of the device of this session. `AWAY` holds until you say `ONLINE`. Without a word of it a device is away when it has asked nothing for a while.",
    }),
    invisible: t.boolean({
      description:
        "Whether others see you as offline, on all devices. It is kept until you say otherwise.",
    }),
  }),
});

const SetPresencePayload = builder.objectRef<{ userId: string }>("SetPresencePayload").implement({
  description:
    "It is known. Where the device is connected to another server, others see it in a moment.",
  fields: (t) => ({
    presence: t.field({
      type: PresenceType,
      description: "How you are now, on all devices together.",
      resolve: ({ userId }, _args, context) => context.services.presence.own(userId),
    }),
  }),
});

builder.mutationField("setPresence", (t) =>
  t.field({
    type: SetPresencePayload,
    args: {
      input: t.arg({ type: SetPresenceInput, required: true, description: "How you are." }),
    },
    errors: {
      types: [NotAuthenticatedError, InvalidInputError],
      union: { name: "SetPresenceResult", description: "What comes of `setPresence`." },
    },
    description:
      "Says how you are. You are online for others while a subscription or a socket of yours is open, and not hidden.",
    resolve: async (_parent, { input }, context) => {
      const viewer = requireViewer(context.viewer);
      const { presence } = context.services;
      await presence.set(viewer, input.status ?? null, input.invisible ?? null);
      return { userId: viewer.user.id };
    },
  }),
);
