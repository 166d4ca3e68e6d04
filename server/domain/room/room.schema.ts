import { INT_MAX } from "../../kernel/int.ts";
import { builder } from "../../graphql/builder.ts";
import { mutation, type PayloadFields } from "../../graphql/mutation.ts";
import {
  countOf,
  dateOf,
  fromListCursor,
  paginate,
  textOf,
  toListCursor,
  uuidOf,
} from "../../graphql/connection.ts";
import { requireId } from "../../graphql/node.ts";
import { NotFoundError, RateLimitedError } from "../../kernel/errors.ts";
import { ArchivedError, NotAMemberError } from "../conversation/conversation.errors.ts";
import { BannedError, OwnerCannotLeaveError, SlugTakenError } from "./room.errors.ts";
import type { RoomRecord } from "./room.record.ts";
import { requireViewer } from "../../graphql/viewer.ts";
import {
  ConversationInterface,
  MembershipType,
  VisibilityEnum,
} from "../conversation/conversation.schema.ts";
import type { Joined, RoomAt, RoomKey, RoomSort } from "./room.service.ts";

export const RoomType = builder.objectRef<RoomRecord>("Room").implement({
  description: "A named conversation that users join.",
  // The fields of the last interface win, so `id` is the conversation's id.
  interfaces: [builder.nodeInterfaceRef(), ConversationInterface],
  fields: (t) => ({
    slug: t.exposeString("slug", {
      description: "Its human-readable address: unique, in lower case.",
    }),
    name: t.exposeString("name", { description: "The room's name." }),
    topic: t.exposeString("topic", { nullable: true, description: "The room's topic." }),
    visibility: t.expose("visibility", {
      type: VisibilityEnum,
      description: "The users who may find and read it.",
    }),
    archivedAt: t.expose("archivedAt", {
      type: "DateTime",
      nullable: true,
      description:
        "When it was archived; null while it is active. In an archived room, users can read and leave, but neither send nor join.",
    }),
    slowModeSeconds: t.exposeInt("slowModeSeconds", {
      description: "Seconds that a plain member waits between two messages; 0 for none.",
    }),
    memberCount: t.int({
      description: "Number of members.",
      resolve: async (room, _args, context) =>
        (await context.loaders.stats.load(room.id))?.memberCount ?? 0,
    }),
  }),
});

const RoomSortEnum = builder.enumType("RoomSort", {
  description: "The order of a list of rooms.",
  values: {
    ACTIVITY: { description: "Newest activity first." },
    MEMBERS: { description: "Most members first." },
    NAME: { description: "By name, from A to Z." },
  } as const,
});

type ListedRoom = RoomRecord & { key: string };

/** The sort value in a cursor, in a form that the database can compare. */
const SORTED_BY: Readonly<Record<RoomSort, (part: string | undefined) => string>> = {
  ACTIVITY: (part) => dateOf(part).toISOString(),
  MEMBERS: (part) => String(countOf(part, INT_MAX)),
  NAME: textOf,
};

function roomKey(sort: RoomSort, cursor: string | undefined): RoomKey | undefined {
  if (cursor === undefined) return undefined;
  const [value, id] = fromListCursor(cursor, 2);
  return { value: SORTED_BY[sort](value), id: uuidOf(id) };
}

builder.queryFields((t) => ({
  room: t.field({
    type: RoomType,
    nullable: true,
    authScopes: { signedIn: true },
    args: { slug: t.arg.string({ required: true, description: "The room's address." }) },
    description:
      'A room by its slug: `room(slug: "lobby") { name }`. Null if there is none that you may see.',
    resolve: (_parent, args, context) =>
      context.services.rooms.bySlug(requireViewer(context.viewer).user.id, args.slug),
  }),
  rooms: t.connection(
    {
      type: RoomType,
      authScopes: { signedIn: true },
      args: {
        search: t.arg.string({
          description:
            "Only rooms with these words in their name, slug or topic. Parts of words match, too, and one wrong letter is tolerated.",
        }),
        sort: t.arg({
          type: RoomSortEnum,
          defaultValue: "ACTIVITY",
          description: "The order.",
        }),
        archived: t.arg.boolean({
          defaultValue: false,
          description: "Only archived rooms, instead of the others.",
        }),
      },
      description:
        "The public rooms and the private ones that you are in: `rooms(first: 20) { edges { node { name } } }`.",
      resolve: (_parent, args, context) => {
        const sort = args.sort ?? "ACTIVITY";
        const search = args.search?.trim() ?? "";
        return paginate(
          {
            args,
            defaultSize: 20,
            maxSize: context.services.server.facts.pageSize,
            toCursor: (room: ListedRoom) => toListCursor(room.key, room.id),
            toNode: (room) => room,
          },
          ({ before, after, limit, inverted }) =>
            context.services.rooms.page(requireViewer(context.viewer).user.id, {
              search: search === "" ? null : search,
              archived: args.archived ?? false,
              sort,
              before: roomKey(sort, before),
              after: roomKey(sort, after),
              limit,
              inverted,
            }),
        );
      },
    },
    { name: "RoomConnection", description: "A page of rooms." },
    { name: "RoomEdge", description: "A room and its cursor in the list." },
  ),
}));

mutation({
  name: "createRoom",
  description: "Creates a room with you as its owner.",
  input: {
    description: 'A new room: `{ name: "Tea & Cake" }`.',
    fields: (t) => ({
      name: t.string({ required: true, description: "1 to 80 characters." }),
      slug: t.string({
        description:
          "The slug: letters and digits with single dashes between them. Derived from the name by default.",
      }),
      topic: t.string({ description: "The topic, at most 300 characters." }),
      visibility: t.field({
        type: VisibilityEnum,
        defaultValue: "PUBLIC",
        description: "The users who may find and read it.",
      }),
    }),
  },
  payload: {
    description: "The room is created, and you own it.",
    fields: (t: PayloadFields<Joined>) => ({
      room: t.expose("room", { type: RoomType, description: "The new room." }),
      cursor: t.expose("position", {
        type: "Cursor",
        description: "Log position of the creation.",
      }),
    }),
  },
  errors: [SlugTakenError, RateLimitedError],
  resolve: ({ input, viewer, services }) =>
    services.rooms.create(viewer.user, {
      name: input.name,
      slug: input.slug ?? null,
      topic: input.topic ?? null,
      visibility: input.visibility ?? "PUBLIC",
    }),
});

mutation({
  name: "joinRoom",
  description: "Joins a public room. Repeating it has no effect.",
  input: {
    description: "The room to join.",
    fields: (t) => ({
      roomId: t.id({ required: true, description: "Global id of a public room." }),
    }),
  },
  payload: {
    description: "You are a member.",
    fields: (t: PayloadFields<Joined>) => ({
      room: t.expose("room", { type: RoomType, description: "The room." }),
      membership: t.expose("membership", { type: MembershipType, description: "Your membership." }),
      cursor: t.expose("position", { type: "Cursor", description: "Log position of the join." }),
    }),
  },
  errors: [NotFoundError, BannedError, ArchivedError],
  resolve: ({ input, viewer, services }) =>
    services.rooms.join(viewer.user, requireId("Conversation", input.roomId, "roomId")),
});

mutation({
  name: "leaveRoom",
  description:
    "Leaves a room. From then on you receive none of its events. An owner must first transfer it, except as the last member: the next user to join a public room then owns it, and a private one is archived.",
  input: {
    description: "The room to leave.",
    fields: (t) => ({
      roomId: t.id({
        required: true,
        description: "Global id of a room of which you are a member.",
      }),
    }),
  },
  payload: {
    description: "You are no longer a member.",
    fields: (t: PayloadFields<RoomAt>) => ({
      room: t.expose("room", { type: RoomType, description: "The room." }),
      cursor: t.expose("position", {
        type: "Cursor",
        description: "Log position of your departure. You receive no later events of the room.",
      }),
    }),
  },
  errors: [NotFoundError, NotAMemberError, OwnerCannotLeaveError],
  resolve: ({ input, viewer, services }) =>
    services.rooms.leave(viewer.user, requireId("Conversation", input.roomId, "roomId")),
});
