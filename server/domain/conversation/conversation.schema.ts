import { builder, viewerDependent } from "../../graphql/builder.ts";
import type { Context } from "../../graphql/context.ts";
import {
  countOf,
  dateOf,
  fromListCursor,
  paginate,
  toListCursor,
  uuidOf,
} from "../../graphql/connection.ts";
import { globalId, registerNode, requireId } from "../../graphql/node.ts";
import {
  BannedError,
  InvalidInputError,
  NotAMemberError,
  NotAuthenticatedError,
  NotFoundError,
} from "../../kernel/errors.ts";
import type { ConversationRecord, MembershipRecord } from "../../log/records.ts";
import { ViewerType } from "../auth/session.schema.ts";
import { requireViewer } from "../../graphql/viewer.ts";
import { UserType } from "../user/user.schema.ts";
import type { ActivityKey, MembershipKey, MembershipRow } from "./conversation.service.ts";

export const ConversationKindEnum = builder.enumType("ConversationKind", {
  description: "What sort of conversation it is.",
  values: {
    ROOM: { description: "A room with a name, which people join." },
    DIRECT: { description: "A conversation of a fixed set of people." },
  } as const,
});

export const VisibilityEnum = builder.enumType("Visibility", {
  description: "Who may know of a conversation and read it.",
  values: {
    PUBLIC: { description: "Everyone who is signed in; everyone may join." },
    PRIVATE: { description: "Its members alone." },
  } as const,
});

export const RoleEnum = builder.enumType("Role", {
  description: "What a member may do.",
  values: {
    OWNER: { description: "Everything. A room with people in it has exactly one." },
    MODERATOR: {
      description: "Keeps order: invites, removes, bans and mutes members, and what they say.",
    },
    MEMBER: { description: "Reads and writes." },
  } as const,
});

export const MembershipType = builder.objectRef<MembershipRecord>("Membership").implement({
  description: "A person's place in a conversation.",
  interfaces: [builder.nodeInterfaceRef()],
  fields: (t) => ({
    id: t.id({
      description: "Global id.",
      resolve: (membership) => globalId("Membership", membership.id),
    }),
    user: t.expose("user", { type: UserType, description: "The person." }),
    role: t.expose("role", { type: RoleEnum, description: "What the person may do here." }),
    joinedAt: t.expose("joinedAt", {
      type: "DateTime",
      description: "When the person joined, for the last time.",
    }),
    lastReadSeq: t.exposeInt("lastReadSeq", {
      description: "The `seq` up to which the person has read.",
    }),
    mutedUntil: t.expose("mutedUntil", {
      type: "DateTime",
      nullable: true,
      description:
        "Until when a moderator lets the person say nothing here; null, or in the past, when they may.",
    }),
  }),
});

registerNode("Membership", (ids, context) =>
  context.services.conversations.visibleMemberships(requireViewer(context.viewer).user.id, ids),
);

registerNode<ConversationRecord>(
  "Conversation",
  (ids, context) =>
    context.services.conversations.visibleByIds(requireViewer(context.viewer).user.id, ids),
  () => "Room",
);

export const ConversationInterface = builder
  .interfaceRef<ConversationRecord>("Conversation")
  .implement({
    description:
      "A room or a direct conversation: members, messages and read marks are the same for both.",
    interfaces: [builder.nodeInterfaceRef()],
    resolveType: () => "Room",
    fields: (t) => ({
      id: t.id({
        description: "Global id.",
        resolve: (conversation) => globalId("Conversation", conversation.id),
      }),
      kind: t.expose("kind", {
        type: ConversationKindEnum,
        description: "A room or a direct conversation.",
      }),
      createdAt: t.expose("createdAt", { type: "DateTime", description: "When it was made." }),
      lastSeq: t.int({
        description:
          "The `seq` of the newest message, which is also how many there are; 0 without one.",
        resolve: async (conversation, _args, context) =>
          (await context.loaders.stats.load(conversation.id))?.lastSeq ?? 0,
      }),
      lastActivityAt: t.field({
        type: "DateTime",
        description:
          "When somebody last said something, or when it was made; messages of the kind `SYSTEM` are none.",
        resolve: async (conversation, _args, context) =>
          (await context.loaders.stats.load(conversation.id))?.lastActivityAt ??
          conversation.createdAt,
      }),
      members: t.connection(
        {
          ...viewerDependent,
          type: MembershipType,
          args: { role: t.arg({ type: RoleEnum, description: "Only members with this role." }) },
          description:
            "Who is in it, in the order of joining; nobody for those who are banned. Depends on the viewer.",
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
                ),
            ),
        },
        { name: "MembershipConnection", description: "A page of members." },
        { name: "MembershipEdge", description: "A member and the place in the list." },
      ),
      viewerMembership: t.field({
        ...viewerDependent,
        type: MembershipType,
        nullable: true,
        description: "Your own place in it; null when you are not a member. Depends on the viewer.",
        resolve: (conversation, _args, context) =>
          context.loaders.viewerMembership.load(conversation.id),
      }),
      unreadCount: t.int({
        ...viewerDependent,
        description:
          "Messages that you have not read; 0 when you are not a member. Depends on the viewer.",
        resolve: (conversation, _args, context) => context.loaders.unread.load(conversation.id),
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

const UnreadTotals = builder
  .objectRef<{ messages: number; conversations: number }>("UnreadTotals")
  .implement({
    description: "What waits to be read.",
    fields: (t) => ({
      messages: t.exposeInt("messages", {
        description: "Unread messages in all conversations together.",
      }),
      conversations: t.exposeInt("conversations", {
        description: "Conversations with unread messages.",
      }),
    }),
  });

builder.objectFields(ViewerType, (t) => ({
  conversations: t.connection(
    {
      type: ConversationInterface,
      args: { kind: t.arg({ type: ConversationKindEnum, description: "Only this kind." }) },
      description:
        "The conversations that you are a member of, the one with the newest activity first.",
      resolve: (viewer, args, context) =>
        paginate(
          {
            args,
            defaultSize: 50,
            maxSize: context.services.server.facts.conversationPageSize,
            toCursor: (entry) => toListCursor(entry.lastActivityAt.toISOString(), entry.id),
            toNode: (entry: ActivityKey & { conversation: ConversationRecord }) =>
              entry.conversation,
          },
          ({ before, after, limit, inverted }) =>
            context.services.conversations.pageOf(viewer.user.id, args.kind ?? null, {
              before: activityKey(before),
              after: activityKey(after),
              limit,
              inverted,
            }),
        ),
    },
    { name: "ConversationConnection", description: "A page of conversations." },
    { name: "ConversationEdge", description: "A conversation and its place in the list." },
  ),
  unread: t.field({
    type: UnreadTotals,
    description: "What waits to be read, in all.",
    resolve: (viewer, _args, context) =>
      context.services.conversations.unreadTotals(viewer.user.id),
  }),
  cursor: t.field({
    type: "Cursor",
    description:
      "The log position that this whole answer reflects: pass it to `events(after:)`, and nothing is missed and nothing comes twice.",
    resolve: (_viewer, _args, context) => context.services.log.headInSnapshot(),
  }),
}));

const MarkReadInput = builder.inputType("MarkReadInput", {
  description: "How far you have read.",
  fields: (t) => ({
    conversationId: t.id({ required: true, description: "Global id of a conversation of yours." }),
    seq: t.int({
      required: true,
      description: "The `seq` of the last message that you have read.",
    }),
  }),
});

const MarkReadPayload = builder
  .objectRef<{ membership: MembershipRecord }>("MarkReadPayload")
  .implement({
    description: "The read mark is where you asked for, or further.",
    fields: (t) => ({
      membership: t.expose("membership", {
        type: MembershipType,
        description: "Your place, with the new mark.",
      }),
      unreadCount: t.int({
        ...viewerDependent,
        description: "What is left to read here. Depends on the viewer.",
        resolve: (payload, _args, context) =>
          context.loaders.unread.load(payload.membership.conversationId),
      }),
    }),
  });

builder.mutationField("markRead", (t) =>
  t.field({
    type: MarkReadPayload,
    args: {
      input: t.arg({ type: MarkReadInput, required: true, description: "How far you have read." }),
    },
    errors: {
      types: [
        NotAuthenticatedError,
        InvalidInputError,
        NotFoundError,
        BannedError,
        NotAMemberError,
      ],
      union: { name: "MarkReadResult", description: "What comes of `markRead`." },
    },
    description:
      "Marks messages as read up to a `seq`. The mark never moves back and never past the newest message.",
    resolve: async (_parent, { input }, context: Context) => {
      const conversationId = requireId("Conversation", input.conversationId, "conversationId");
      const viewer = requireViewer(context.viewer);
      return {
        membership: await context.services.conversations.markRead(
          viewer.user.id,
          conversationId,
          input.seq,
        ),
      };
    },
  }),
);
