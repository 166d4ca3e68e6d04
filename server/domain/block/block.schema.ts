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
    description: "Whether you have blocked this user. Only you can see it. Depends on the viewer.",
    resolve: (user, _args, context) => context.loaders.viewerBlocks.load(user.id),
  }),
);

builder.objectField(ViewerType, "blocked", (t) =>
  t.connection(
    {
      type: UserType,
      description: "Users whom you have blocked, latest first. Only you can see them.",
      resolve: (viewer, args, { services }) =>
        paginatePeople(args, services.server.facts.pageSize, (page) =>
          services.blocks.page(viewer.user.id, page),
        ),
    },
    { name: "BlockedConnection", description: "A page of blocked users." },
    { name: "BlockedEdge", description: "A blocked user and its cursor in the list." },
  ),
);

const personInput = (name: string, description: string) =>
  builder.inputType(name, {
    description,
    fields: (t) => ({ userId: t.id({ required: true, description: "Global id of a user." }) }),
  });

const blockingPayload = (name: string, description: string) =>
  builder.objectRef<BlockResult>(name).implement({
    description,
    fields: (t) => ({
      person: t.expose("person", { type: UserType, description: "The user." }),
      cursor: t.expose("position", { type: "Cursor", description: "Log position of the change." }),
    }),
  });

const BlockPersonInput = personInput("BlockPersonInput", "The user to block.");
const UnblockPersonInput = personInput("UnblockPersonInput", "The user to unblock.");
const BlockPersonPayload = blockingPayload("BlockPersonPayload", "The user is blocked.");
const UnblockPersonPayload = blockingPayload("UnblockPersonPayload", "The user is not blocked.");

builder.mutationFields((t) => ({
  blockPerson: t.field({
    type: BlockPersonPayload,
    args: {
      input: t.arg({ type: BlockPersonInput, required: true, description: "The user to block." }),
    },
    errors: {
      types: [NotAuthenticatedError, InvalidInputError, NotFoundError, RateLimitedError],
      union: { name: "BlockPersonResult", description: "Result of `blockPerson`." },
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
    args: {
      input: t.arg({
        type: UnblockPersonInput,
        required: true,
        description: "The user to unblock.",
      }),
    },
    errors: {
      types: [NotAuthenticatedError, InvalidInputError, NotFoundError, RateLimitedError],
      union: { name: "UnblockPersonResult", description: "Result of `unblockPerson`." },
    },
    description:
      "Unblocks a user. Earlier follows between you two are not restored. Repeating it has no effect.",
    resolve: (_parent, { input }, context) =>
      context.services.blocks.unblock(
        requireViewer(context.viewer).user,
        requireId("User", input.userId, "userId"),
      ),
  }),
}));
