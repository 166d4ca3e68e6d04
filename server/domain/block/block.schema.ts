import { builder, viewerDependent } from "../../graphql/builder.ts";
import { requireId } from "../../graphql/node.ts";
import { requireViewer } from "../../graphql/viewer.ts";
import {
  InvalidInputError,
  NotAuthenticatedError,
  NotFoundError,
  RateLimitedError,
} from "../../kernel/errors.ts";
import { ViewerType } from "../session/session.schema.ts";
import { paginatePeople } from "../follow/follow.schema.ts";
import { UserType } from "../user/user.schema.ts";
import type { BlockResult } from "./block.service.ts";

builder.objectField(UserType, "viewerBlocks", (t) =>
  t.boolean({
    ...viewerDependent,
    description:
      "Whether you have blocked this person. Nobody but you can know. Depends on the viewer.",
    resolve: (user, _args, context) => context.loaders.viewerBlocks.load(user.id),
  }),
);

builder.objectField(ViewerType, "blocked", (t) =>
  t.connection(
    {
      type: UserType,
      description: "Whom you have blocked, the last one first. Nobody but you can know.",
      resolve: (viewer, args, { services }) =>
        paginatePeople(args, services.server.facts.pageSize, (page) =>
          services.blocks.page(viewer.user.id, page),
        ),
    },
    { name: "BlockedConnection", description: "A page of people who are blocked." },
    { name: "BlockedEdge", description: "Somebody who is blocked, and the place in the list." },
  ),
);

const personInput = (name: string, description: string) =>
  builder.inputType(name, {
    description,
    fields: (t) => ({ userId: t.id({ required: true, description: "Global id of a person." }) }),
  });

const blockingPayload = (name: string, description: string) =>
  builder.objectRef<BlockResult>(name).implement({
    description,
    fields: (t) => ({
      person: t.expose("person", { type: UserType, description: "The person." }),
      cursor: t.expose("position", { type: "Cursor", description: "The log as of this." }),
    }),
  });

const BlockPersonInput = personInput("BlockPersonInput", "Whom you do not want to hear from.");
const UnblockPersonInput = personInput("UnblockPersonInput", "Whom to let write to you again.");
const BlockPersonPayload = blockingPayload("BlockPersonPayload", "The person is blocked.");
const UnblockPersonPayload = blockingPayload(
  "UnblockPersonPayload",
  "You do not block the person.",
);

builder.mutationFields((t) => ({
  blockPerson: t.field({
    type: BlockPersonPayload,
    args: { input: t.arg({ type: BlockPersonInput, required: true, description: "Whom." }) },
    errors: {
      types: [NotAuthenticatedError, InvalidInputError, NotFoundError, RateLimitedError],
      union: { name: "BlockPersonResult", description: "What comes of `blockPerson`." },
    },
    description:
      "Blocks a person: until you unblock them, neither of you writes to the other in a conversation of you two, opens one, follows the other or sees the other's posts. Nor does either bring the other into a conversation of more people; in those that there are, and in rooms, nothing changes. They are not told. Doing it again changes nothing.",
    resolve: (_parent, { input }, context) =>
      context.services.blocks.block(
        requireViewer(context.viewer).user,
        requireId("User", input.userId, "userId"),
      ),
  }),
  unblockPerson: t.field({
    type: UnblockPersonPayload,
    args: { input: t.arg({ type: UnblockPersonInput, required: true, description: "Whom." }) },
    errors: {
      types: [NotAuthenticatedError, InvalidInputError, NotFoundError, RateLimitedError],
      union: { name: "UnblockPersonResult", description: "What comes of `unblockPerson`." },
    },
    description:
      "Takes back that you blocked a person. Whom you two followed before does not come back. Doing it again changes nothing.",
    resolve: (_parent, { input }, context) =>
      context.services.blocks.unblock(
        requireViewer(context.viewer).user,
        requireId("User", input.userId, "userId"),
      ),
  }),
}));
