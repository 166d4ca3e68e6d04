import { builder, viewerDependent } from "../../graphql/builder.ts";
import { mutation, type PayloadFields } from "../../graphql/mutation.ts";
import type { PresenceRecord } from "../../signal/signal.ts";
import { ViewerType } from "../session/session.schema.ts";
import { RoomType } from "../room/room.schema.ts";
import { UserType } from "../user/user.schema.ts";
import type { CurrentPresence } from "./presence.service.ts";

const PresenceStatusEnum = builder.enumType("PresenceStatus", {
  description: "The presence status of a user.",
  values: {
    ONLINE: { description: "Connected and active on a device." },
    AWAY: { description: "Connected, but away from all devices." },
    OFFLINE: { description: "Disconnected or invisible." },
  } as const,
});

export const PresenceType = builder
  .objectRef<CurrentPresence & Partial<PresenceRecord>>("Presence")
  .implement({
    description: "A user's presence, over all devices.",
    fields: (t) => ({
      status: t.expose("status", { type: PresenceStatusEnum, description: "The status." }),
      lastSeenAt: t.field({
        type: "DateTime",
        nullable: true,
        description:
          "When the user was last online. Null while online, and if the user was never online.",
        resolve: (presence, _args, context) => {
          if (presence.status !== "OFFLINE") return null;
          return presence.lastSeenAt === undefined
            ? context.loaders.lastSeen.load(presence.userId)
            : presence.lastSeenAt;
        },
      }),
      invisible: t.exposeBoolean("invisible", {
        description:
          "Whether the user is invisible and appears offline to others. Only the user sees it, in `viewer` and in `presence` of themselves.",
      }),
    }),
  });

builder.prismaObjectField(UserType, "presence", (t) =>
  t.field({
    type: PresenceType,
    description:
      "The user's presence as others see it: `presence { status lastSeenAt }`. Your own actual presence is in `viewer`.",
    resolve: (user, _args, context) => context.services.presence.now(user.id),
  }),
);

builder.objectField(ViewerType, "presence", (t) =>
  t.field({
    ...viewerDependent,
    type: PresenceType,
    description: "Your own presence, even while you are invisible.",
    resolve: (viewer, _args, context) => context.services.presence.own(viewer.user.id),
  }),
);

builder.objectField(RoomType, "onlineCount", (t) =>
  t.int({
    description: "Number of members whom others see as online or away.",
    resolve: (room, _args, context) => context.loaders.onlineCount.load(room.id),
  }),
);

const DeviceStatusEnum = builder.enumType("DeviceStatus", {
  description: "Your status on a device.",
  values: {
    ONLINE: { description: "You are using it." },
    AWAY: { description: "You are away from it." },
  } as const,
});

mutation({
  name: "setPresence",
  description:
    "Sets your presence. You appear online while you have an open subscription or socket and are not invisible.",
  input: {
    description: "Your presence: `{ status: AWAY }`. Omitted fields do not change.",
    fields: (t) => ({
      status: t.field({
        type: DeviceStatusEnum,
        description:
          "Status on the device of this session. `AWAY` holds until you set `ONLINE`. By default, a device is away after a time without an operation.",
      }),
      invisible: t.boolean({
        description:
          "Whether you appear offline to others, on all devices. Stored until you change it.",
      }),
    }),
  },
  payload: {
    description:
      "Your presence is set. If the device is connected to another instance, others see the change shortly.",
    fields: (t: PayloadFields<{ userId: string }>) => ({
      presence: t.field({
        type: PresenceType,
        description: "Your current presence over all devices.",
        resolve: ({ userId }, _args, context) => context.services.presence.own(userId),
      }),
    }),
  },
  resolve: async ({ input, viewer, services }) => {
    const { presence } = services;
    await presence.set(viewer, input.status ?? null, input.invisible ?? null);
    return { userId: viewer.user.id };
  },
});
