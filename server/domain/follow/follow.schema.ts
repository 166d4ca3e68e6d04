import { builder, viewerDependent } from "../../graphql/builder.ts";
import {
  countOf,
  fromListCursor,
  paginate,
  toListCursor,
  type Connection,
} from "../../graphql/connection.ts";
import { requireId } from "../../graphql/node.ts";
import { requireViewer } from "../../graphql/viewer.ts";
import {
  InvalidInputError,
  LimitReachedError,
  NotAuthenticatedError,
  NotFoundError,
  RateLimitedError,
} from "../../kernel/errors.ts";
import { BlockedError } from "../block/block.errors.ts";
import type { UserRecord } from "../user/user.record.ts";
import { ViewerType } from "../session/session.schema.ts";
import { UserType } from "../user/user.schema.ts";
import type { FollowResult, FollowKey, FollowPage, FollowedUserRow } from "./follow.service.ts";

function personKey(cursor: string | undefined): FollowKey | undefined {
  if (cursor === undefined) return undefined;
  const [position] = fromListCursor(cursor, 1);
  return { position: BigInt(countOf(position, Number.MAX_SAFE_INTEGER)) };
}

/** Reads a page of a list of users, latest first. */
export function paginatePeople(
  args: Parameters<typeof paginate>[0]["args"],
  maxSize: number,
  read: (page: FollowPage) => Promise<FollowedUserRow[]>,
): Promise<Connection<UserRecord>> {
  return paginate(
    {
      args,
      defaultSize: 50,
      maxSize,
      toCursor: (row: FollowedUserRow) => toListCursor(row.position.toString()),
      toNode: (row) => row.person,
    },
    ({ before, after, limit, inverted }) =>
      read({ before: personKey(before), after: personKey(after), limit, inverted }),
  );
}

builder.objectFields(UserType, (t) => ({
  followerCount: t.int({
    description: "Number of followers of this user.",
    resolve: async (user, _args, context) =>
      (await context.loaders.followCounts.load(user.id))?.followers ?? 0,
  }),
  followingCount: t.int({
    description: "Number of users that this user follows.",
    resolve: async (user, _args, context) =>
      (await context.loaders.followCounts.load(user.id))?.following ?? 0,
  }),
  followers: t.connection(
    {
      type: UserType,
      description:
        "Who follows this person, the last one first: `followers(first: 20) { edges { node { username } } }`.",
      resolve: (user, args, { services }) =>
        paginatePeople(args, services.server.facts.pageSize, (page) =>
          services.follows.followers(user.id, page),
        ),
    },
    { name: "FollowerConnection", description: "A page of followers." },
    { name: "FollowerEdge", description: "A follower and its cursor in the list." },
  ),
  following: t.connection(
    {
      type: UserType,
      description: "Users whom this user follows, latest first.",
      resolve: (user, args, { services }) =>
        paginatePeople(args, services.server.facts.pageSize, (page) =>
          services.follows.following(user.id, page),
        ),
    },
    { name: "FollowingConnection", description: "A page of followed users." },
    { name: "FollowingEdge", description: "A followed user and its cursor in the list." },
  ),
  viewerFollows: t.boolean({
    ...viewerDependent,
    description: "Whether you follow this user. Depends on the viewer.",
    resolve: (user, _args, context) => context.loaders.viewerFollows.load(user.id),
  }),
  viewerMutes: t.boolean({
    ...viewerDependent,
    description: "Whether you have muted this user. Only you can see it. Depends on the viewer.",
    resolve: (user, _args, context) => context.loaders.viewerMutes.load(user.id),
  }),
}));

builder.objectField(ViewerType, "muted", (t) =>
  t.connection(
    {
      type: UserType,
      description: "Users whom you have muted, latest first. Only you can see them.",
      resolve: (viewer, args, { services }) =>
        paginatePeople(args, services.server.facts.pageSize, (page) =>
          services.follows.mutes(viewer.user.id, page),
        ),
    },
    { name: "MutedConnection", description: "A page of muted users." },
    { name: "MutedEdge", description: "A muted user and its cursor in the list." },
  ),
);

const personInput = (name: string, description: string) =>
  builder.inputType(name, {
    description,
    fields: (t) => ({ userId: t.id({ required: true, description: "Global id of a user." }) }),
  });

const donePayload = (name: string, description: string) =>
  builder.objectRef<FollowResult>(name).implement({
    description,
    fields: (t) => ({
      person: t.expose("person", { type: UserType, description: "The user." }),
      cursor: t.expose("position", { type: "Cursor", description: "Log position of the change." }),
    }),
  });

const FollowInput = personInput("FollowInput", "The user to follow.");
const UnfollowInput = personInput("UnfollowInput", "The user to unfollow.");
const MutePersonInput = personInput("MutePersonInput", "The user to mute.");
const UnmutePersonInput = personInput("UnmutePersonInput", "The user to unmute.");
const FollowPayload = donePayload("FollowPayload", "You follow the user.");
const UnfollowPayload = donePayload("UnfollowPayload", "You do not follow the user.");
const MutePersonPayload = donePayload("MutePersonPayload", "The user is muted.");
const UnmutePersonPayload = donePayload("UnmutePersonPayload", "The user is not muted.");

builder.mutationFields((t) => ({
  follow: t.field({
    type: FollowPayload,
    args: {
      input: t.arg({ type: FollowInput, required: true, description: "The user to follow." }),
    },
    errors: {
      types: [
        NotAuthenticatedError,
        InvalidInputError,
        NotFoundError,
        BlockedError,
        LimitReachedError,
        RateLimitedError,
      ],
      union: { name: "FollowResult", description: "Result of `follow`." },
    },
    description:
      "Follows a user. You receive the user's posts from now on, and `viewer.timeline` includes the earlier ones. The user is notified. Repeating it has no effect.",
    resolve: (_parent, { input }, context) =>
      context.services.follows.follow(
        requireViewer(context.viewer).user,
        requireId("User", input.userId, "userId"),
      ),
  }),
  unfollow: t.field({
    type: UnfollowPayload,
    args: {
      input: t.arg({ type: UnfollowInput, required: true, description: "The user to unfollow." }),
    },
    errors: {
      types: [NotAuthenticatedError, InvalidInputError, NotFoundError, RateLimitedError],
      union: { name: "UnfollowResult", description: "Result of `unfollow`." },
    },
    description:
      "Unfollows a user: you no longer receive the user's posts. Repeating it has no effect.",
    resolve: (_parent, { input }, context) =>
      context.services.follows.unfollow(
        requireViewer(context.viewer).user,
        requireId("User", input.userId, "userId"),
      ),
  }),
  mutePerson: t.field({
    type: MutePersonPayload,
    args: {
      input: t.arg({ type: MutePersonInput, required: true, description: "The user to mute." }),
    },
    errors: {
      types: [NotAuthenticatedError, InvalidInputError, NotFoundError, RateLimitedError],
      union: { name: "MutePersonResult", description: "Result of `mutePerson`." },
    },
    description:
      "Removes a user's posts from your timeline and your events, without notifying or unfollowing the user. Repeating it has no effect.",
    resolve: (_parent, { input }, context) =>
      context.services.follows.mute(
        requireViewer(context.viewer).user,
        requireId("User", input.userId, "userId"),
      ),
  }),
  unmutePerson: t.field({
    type: UnmutePersonPayload,
    args: {
      input: t.arg({ type: UnmutePersonInput, required: true, description: "The user to unmute." }),
    },
    errors: {
      types: [NotAuthenticatedError, InvalidInputError, NotFoundError, RateLimitedError],
      union: { name: "UnmutePersonResult", description: "Result of `unmutePerson`." },
    },
    description:
      "Restores a user's posts in your timeline and your events. Repeating it has no effect.",
    resolve: (_parent, { input }, context) =>
      context.services.follows.unmute(
        requireViewer(context.viewer).user,
        requireId("User", input.userId, "userId"),
      ),
  }),
}));
