import { builder, viewerDependent } from "../../graphql/builder.ts";
import { countOf, fromListCursor, paginate, toListCursor } from "../../graphql/connection.ts";
import { requireViewer } from "../../graphql/viewer.ts";
import type { MentionRecord } from "./message.record.ts";
import { ViewerType } from "../session/session.schema.ts";
import { UserType } from "../user/user.schema.ts";
import { MessageConnection, MessageType } from "./message.schema.ts";
import type { PlacedMessage } from "./mention.service.ts";

const MentionKindEnum = builder.enumType("MentionKind", {
  description: "The target of a mention.",
  values: {
    USER: { description: "One user, by `@username`." },
    HERE: { description: "All members who are online, by `@here`." },
    ROOM: { description: "All members, by `@room`." },
  } as const,
});

const MentionType = builder.objectRef<MentionRecord>("Mention").implement({
  description: "A mention in a message's text.",
  fields: (t) => ({
    kind: t.expose("kind", { type: MentionKindEnum, description: "The target of the mention." }),
    user: t.expose("user", {
      type: UserType,
      nullable: true,
      description:
        "The mentioned user, whose name may have changed since; null for `HERE` and `ROOM`.",
    }),
    start: t.exposeInt("start", {
      description: "Offset in `body`, at the `@`, in UTF-16 code units from 0.",
    }),
    length: t.exposeInt("length", {
      description: "Length in UTF-16 code units, including the `@`.",
    }),
  }),
});

builder.objectFields(MessageType, (t) => ({
  mentions: t.expose("mentions", {
    type: [MentionType],
    description:
      "The mentions in the text, in order, such as `mentions { kind user { username } start length }`: members by `@username` and, if the author may, all members by `@here` and `@room`; at most 50. Code and addresses contain no mentions.",
  }),
  viewerMentioned: t.boolean({
    ...viewerDependent,
    description:
      "Whether another user mentions you with it, by name or among all members. Depends on the viewer.",
    resolve: (message, _args, context) => {
      const { user } = requireViewer(context.viewer);
      return (
        message.author.id !== user.id &&
        message.mentions.some(({ userId }) => userId === null || userId === user.id)
      );
    },
  }),
}));

function positionOf(cursor: string | undefined): number | undefined {
  if (cursor === undefined) return undefined;
  return countOf(fromListCursor(cursor, 1)[0], Number.MAX_SAFE_INTEGER);
}

builder.objectField(ViewerType, "mentions", (t) =>
  t.connection(
    {
      type: MessageType,
      description:
        "Messages of others that mention you, newest first, in the conversations of which you are a member.",
      resolve: (viewer, args, context) =>
        paginate(
          {
            args,
            defaultSize: 20,
            maxSize: context.services.server.facts.pageSize,
            toCursor: ({ position }: PlacedMessage) => toListCursor(position),
            toNode: ({ message }) => message,
          },
          ({ before, after, limit, inverted }) =>
            context.services.mentions.page(viewer.user.id, {
              before: positionOf(before),
              after: positionOf(after),
              limit,
              inverted,
            }),
        ),
    },
    MessageConnection,
  ),
);
