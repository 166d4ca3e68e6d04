import { builder, viewerDependent } from "../../graphql/builder.ts";
import {
  dateOf,
  fromListCursor,
  paginate,
  toListCursor,
  uuidOf,
} from "../../graphql/connection.ts";
import { globalId, registerNode } from "../../graphql/node.ts";
import { requireViewer } from "../../graphql/viewer.ts";
import { UserType } from "../user/user.schema.ts";
import type { AgeKey, BanRecord } from "./moderation.service.ts";
import { RoomType } from "./room.schema.ts";

export const BanType = builder.objectRef<BanRecord>("Ban").implement({
  description:
    "A ban: the user can neither read nor join the room, for a limited time or permanently.",
  interfaces: [builder.nodeInterfaceRef()],
  fields: (t) => ({
    id: t.id({ description: "Global id.", resolve: (ban) => globalId("Ban", ban.id) }),
    user: t.expose("user", { type: UserType, description: "The banned user." }),
    bannedBy: t.expose("bannedBy", {
      type: UserType,
      nullable: true,
      description: "The user who imposed the ban; hidden (null) from the banned user.",
    }),
    reason: t.exposeString("reason", { nullable: true, description: "The reason." }),
    createdAt: t.expose("createdAt", { type: "DateTime", description: "Start of the ban." }),
    until: t.expose("until", {
      type: "DateTime",
      nullable: true,
      description: "When it ends; null for a permanent ban.",
    }),
  }),
});

declare module "../../graphql/node.ts" {
  interface NodeKinds {
    Ban: BanRecord;
  }
}

registerNode("Ban", (ids, context) =>
  context.services.moderation.visibleBans(requireViewer(context.viewer).user.id, ids),
);

/** Decodes a cursor of a list sorted by age, newest first. */
export function ageKey(cursor: string | undefined): AgeKey | undefined {
  if (cursor === undefined) return undefined;
  const [createdAt, id] = fromListCursor(cursor, 2);
  return { createdAt: dateOf(createdAt), id: uuidOf(id) };
}

/** Encodes a cursor of a list sorted by age, newest first. */
export function ageCursor({ createdAt, id }: AgeKey): string {
  return toListCursor(createdAt.toISOString(), id);
}

builder.objectFields(RoomType, (t) => ({
  viewerBan: t.field({
    ...viewerDependent,
    type: BanType,
    nullable: true,
    description:
      "Your own ban from this room while it is in force; its messages and members are then hidden from you. Depends on the viewer.",
    resolve: (room, _args, context) => context.loaders.viewerBan.load(room.id),
  }),
  bans: t.connection(
    {
      ...viewerDependent,
      type: BanType,
      description:
        "Current bans, latest first: `bans(first: 20) { edges { node { user { username } until } } }`. Only for owners and moderators; other users receive the error `NOT_ALLOWED`. Depends on the viewer.",
      resolve: (room, args, context) =>
        paginate(
          {
            args,
            defaultSize: 20,
            maxSize: context.services.server.facts.pageSize,
            toCursor: ageCursor,
            toNode: (ban: BanRecord) => ban,
          },
          ({ before, after, limit, inverted }) =>
            context.services.moderation.bans(requireViewer(context.viewer).user.id, room.id, {
              before: ageKey(before),
              after: ageKey(after),
              limit,
              inverted,
            }),
        ),
    },
    { name: "BanConnection", description: "A page of bans." },
    { name: "BanEdge", description: "A ban and its cursor in the list." },
  ),
}));
