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
    lastDeliveredSeq: t.exposeInt("lastDeliveredSeq", {
      description:
        "The `seq` up to which messages have reached a device of the person; never less than `lastReadSeq`.",
    }),
    markRevision: t.exposeInt("markRevision", {
      description:
        "Grows whenever the marks move but by sending: of two tellings, the one with the higher number is newer.",
    }),
  }),
});

declare module "../../graphql/node.ts" {
  interface NodeKinds {
    Membership: MembershipRecord;
    /** Rooms and direct conversations: one kind, so that an event with an id need not name the kind. */
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
      "A room or a direct conversation: members, messages and read marks are the same for both.",
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
      countedMessages: t.int({
        description:
          "How many messages count as something to read: those that somebody said and nobody deleted. Read at one moment with `lastSeq`.",
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
              description: "True for only those whom others see as online or away.",
            }),
          },
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
                  args.online === true ? context.services.presence.online() : null,
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
      description:
        "The conversations that you are a member of, the one with the newest activity first.",
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
            // It is known now, from the same moment.
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
    { name: "ConversationEdge", description: "A conversation and its place in the list." },
  ),
  cursor: t.field({
    ...needsSnapshot,
    type: "Cursor",
    description:
      "The log position that this whole answer reflects: pass it to `events(after:)`, and nothing is missed and nothing comes twice.",
    resolve: (_viewer, _args, context) => context.services.log.head(),
  }),
}));
