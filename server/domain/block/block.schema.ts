import { builder, viewerDependent } from "../../graphql/builder.ts";
import { type InputFields, mutation, type PayloadFields } from "../../graphql/mutation.ts";
import { requireId } from "../../graphql/node.ts";
import { NotFoundError, RateLimitedError } from "../../kernel/errors.ts";
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

const personInput = (t: InputFields) => ({
  userId: t.id({ required: true, description: "Global id of a user." }),
});

const blockPayload = (t: PayloadFields<BlockResult>) => ({
  person: t.expose("person", { type: UserType, description: "The user." }),
  cursor: t.expose("position", { type: "Cursor", description: "Log position of the change." }),
});

mutation({
  name: "blockPerson",
  description:
    "Blocks a user. Until you unblock the user, neither of you can open or use your direct conversation, follow the other, see the other's posts, or add the other to a new group conversation. Existing group conversations and rooms do not change. The user is not notified. Repeating it has no effect.",
  input: { description: "The user to block.", fields: personInput },
  payload: { description: "The user is blocked.", fields: blockPayload },
  errors: [NotFoundError, RateLimitedError],
  resolve: ({ input, viewer, services }) =>
    services.blocks.block(viewer.user, requireId("User", input.userId, "userId")),
});

mutation({
  name: "unblockPerson",
  description:
    "Unblocks a user. Earlier follows between you two are not restored. Repeating it has no effect.",
  input: { description: "The user to unblock.", fields: personInput },
  payload: { description: "The user is not blocked.", fields: blockPayload },
  errors: [NotFoundError, RateLimitedError],
  resolve: ({ input, viewer, services }) =>
    services.blocks.unblock(viewer.user, requireId("User", input.userId, "userId")),
});
