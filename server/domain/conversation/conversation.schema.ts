import { builder, needsSnapshot, viewerDependent } from "../../graphql/builder.ts";
import {
  countOf,
  dateOf,
  fromListCursor,
  paginate,
  toListCursor,
  uuidOf,
} from "../../graphql/connection.ts";
import { globalId, registerNode } from "../../graphql/node.ts";
import type { ConversationRecord, MembershipRecord } from "./conversation.record.ts";
import { ViewerType } from "../session/session.schema.ts";
import { requireViewer } from "../../graphql/viewer.ts";
import { UserType } from "../user/user.schema.ts";
import type {
  ActivityKey,
  ListedConversation,
  MembershipKey,
  MembershipRow,
} from "./conversation.service.ts";

export const ConversationKindEnum = builder.enumType("ConversationKind", {
  description: "The kind of a conversation.",
  values: {
    ROOM: { description: "A named room that users join." },
    DIRECT: { description: "A conversation between a fixed set of users." },
  } as const,
});

export const VisibilityEnum = builder.enumType("Visibility", {
  description: "The users who may find and read a conversation.",
  values: {
    PUBLIC: { description: "All signed-in users, who may also join." },
    PRIVATE: { description: "Members only." },
  } as const,
});

export const RoleEnum = builder.enumType("Role", {
  description: "The role of a member.",
  values: {
    OWNER: { description: "Full control. A room with members has exactly one owner." },
    MODERATOR: {
      description: "Moderates: invites, removes, bans and mutes members, and deletes messages.",
    },
    MEMBER: { description: "Reads and writes messages." },
  } as const,
});

export const MembershipType = builder.objectRef<MembershipRecord>("Membership").implement({
  description: "A user's membership in a conversation.",
  interfaces: [builder.nodeInterfaceRef()],
  fields: (t) => ({
    id: t.id({
      description: "Global id.",
      resolve: (membership) => globalId("Membership", membership.id),
    }),
    user: t.expose("user", { type: UserType, description: "The user." }),
    role: t.expose("role", {
      type: RoleEnum,
      description: "The user's role in this conversation.",
    }),
    joinedAt: t.expose("joinedAt", {
      type: "DateTime",
      description: "When the user last joined.",
    }),
    lastReadSeq: t.exposeInt("lastReadSeq", {
      description: "The `seq` up to which the user has read.",
    }),
    mutedUntil: t.expose("mutedUntil", {
      type: "DateTime",
      nullable: true,
      description: "End of the mute by a moderator. Null or in the past if the user is not muted.",
    }),
    lastDeliveredSeq: t.exposeInt("lastDeliveredSeq", {
      description:
        "The `seq` of the last message that has reached a device of the user; never less than `lastReadSeq`.",
    }),
    markRevision: t.exposeInt("markRevision", {
      description:
        "Increases with every move of the marks except by sending. Of two values, the higher one is newer.",
    }),
  }),
});

declare module "../../graphql/node.ts" {
  interface NodeKinds {
    Membership: MembershipRecord;
    /** Rooms and direct conversations share one kind, so that an event with an id need not name the kind. */
    Conversation: ConversationRecord;
  }
}

registerNode("Membership", (ids, context) =>
  context.services.conversations.visibleMemberships(requireViewer(context.viewer).user.id, ids),
);

registerNode(
  "Conversation",
  (ids, context) =>
    context.services.conversations.visibleByIds(requireViewer(context.viewer).user.id, ids),
  typeNameOf,
);

function typeNameOf({ kind }: ConversationRecord): "Room" | "DirectConversation" {
  return kind === "ROOM" ? "Room" : "DirectConversation";
}

export const ConversationInterface = builder
  .interfaceRef<ConversationRecord>("Conversation")
  .implement({
    description:
      "A room or a direct conversation. Members, messages and read positions are the same for both.",
    interfaces: [builder.nodeInterfaceRef()],
    resolveType: typeNameOf,
    fields: (t) => ({
      id: t.id({
        description: "Global id.",
        resolve: (conversation) => globalId("Conversation", conversation.id),
      }),
      kind: t.expose("kind", {
        type: ConversationKindEnum,
        description: "A room or a direct conversation.",
      }),
      createdAt: t.expose("createdAt", { type: "DateTime", description: "When it was created." }),
      lastSeq: t.int({
        description:
          "The `seq` of the newest message, which equals the number of messages; 0 without messages.",
        resolve: async (conversation, _args, context) =>
          (await context.loaders.stats.load(conversation.id))?.lastSeq ?? 0,
      }),
      lastActivityAt: t.field({
        type: "DateTime",
        description:
          "Time of the last message, or of the creation without one. `SYSTEM` messages do not count.",
        resolve: async (conversation, _args, context) =>
          (await context.loaders.stats.load(conversation.id))?.lastActivityAt ??
          conversation.createdAt,
      }),
      countedMessages: t.int({
        description:
          "Number of messages that count as readable: text messages that are not deleted. Read in the same snapshot as `lastSeq`.",
        resolve: async (conversation, _args, context) =>
          (await context.loaders.stats.load(conversation.id))?.counted ?? 0,
      }),
      members: t.connection(
        {
          ...viewerDependent,
          type: MembershipType,
          args: {
            role: t.arg({ type: RoleEnum, description: "Only members with this role." }),
            online: t.arg.boolean({
              description: "If true, only members whom others see as online or away.",
            }),
          },
          description:
            "The members, in the order of joining; empty for banned users. Depends on the viewer.",
          resolve: (conversation, args, context) =>
            paginate(
              {
                args,
                defaultSize: 50,
                maxSize: context.services.server.facts.pageSize,
                toCursor: (membership: MembershipRow) =>
                  toListCursor(membership.joinedPosition.toString()),
                toNode: (membership) => membership,
              },
              ({ before, after, limit, inverted }) =>
                context.services.conversations.members(
                  requireViewer(context.viewer).user.id,
                  conversation.id,
                  args.role ?? null,
                  {
                    before: membershipKey(before),
                    after: membershipKey(after),
                    limit,
                    inverted,
                  },
                  args.online === true ? context.services.presence.online() : null,
                ),
            ),
        },
        { name: "MembershipConnection", description: "A page of members." },
        { name: "MembershipEdge", description: "A member and its cursor in the list." },
      ),
      viewerMembership: t.field({
        ...viewerDependent,
        type: MembershipType,
        nullable: true,
        description: "Your membership; null if you are not a member. Depends on the viewer.",
        resolve: (conversation, _args, context) =>
          context.loaders.viewerMembership.load(conversation.id),
      }),
    }),
  });

function membershipKey(cursor: string | undefined): MembershipKey | undefined {
  if (cursor === undefined) return undefined;
  const [position] = fromListCursor(cursor, 1);
  return { joinedPosition: BigInt(countOf(position, Number.MAX_SAFE_INTEGER)) };
}

function activityKey(cursor: string | undefined): ActivityKey | undefined {
  if (cursor === undefined) return undefined;
  const [lastActivityAt, id] = fromListCursor(cursor, 2);
  return { lastActivityAt: dateOf(lastActivityAt), id: uuidOf(id) };
}

builder.objectFields(ViewerType, (t) => ({
  conversations: t.connection(
    {
      type: ConversationInterface,
      args: { kind: t.arg({ type: ConversationKindEnum, description: "Only this kind." }) },
      description: "The conversations of which you are a member, sorted by newest activity.",
      resolve: (viewer, args, context) =>
        paginate(
          {
            args,
            defaultSize: 50,
            maxSize: context.services.server.facts.conversationPageSize,
            toCursor: (entry) => toListCursor(entry.lastActivityAt.toISOString(), entry.id),
            toNode: (entry: ListedConversation) => entry.conversation,
          },
          async ({ before, after, limit, inverted }) => {
            const page = await context.services.conversations.pageOf(
              viewer.user.id,
              args.kind ?? null,
              { before: activityKey(before), after: activityKey(after), limit, inverted },
            );
            // The page already contains these values, from the same snapshot.
            for (const { id, stats, membership, access } of page) {
              context.loaders.stats.prime(id, stats);
              context.loaders.viewerMembership.prime(id, membership);
              context.loaders.access.prime(id, access);
            }
            return page;
          },
        ),
    },
    { name: "ConversationConnection", description: "A page of conversations." },
    { name: "ConversationEdge", description: "A conversation and its cursor in the list." },
  ),
  cursor: t.field({
    ...needsSnapshot,
    type: "Cursor",
    description:
      "The log position of this whole response. Pass it to `events(after:)` to receive every later event exactly once.",
    resolve: (_viewer, _args, context) => context.services.log.head(),
  }),
}));
