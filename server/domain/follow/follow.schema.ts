import { builder, viewerDependent } from "../../graphql/builder.ts";
import { type InputFields, mutation, type PayloadFields } from "../../graphql/mutation.ts";
import {
  countOf,
  fromListCursor,
  paginate,
  toListCursor,
  type Connection,
} from "../../graphql/connection.ts";
import { requireId } from "../../graphql/node.ts";
import { LimitReachedError, NotFoundError, RateLimitedError } from "../../kernel/errors.ts";
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
        "Followers of this user, latest first: `followers(first: 20) { edges { node { username } } }`.",
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

const personInput = (t: InputFields) => ({
  userId: t.id({ required: true, description: "Global id of a user." }),
});

const followPayload = (t: PayloadFields<FollowResult>) => ({
  person: t.expose("person", { type: UserType, description: "The user." }),
  cursor: t.expose("position", { type: "Cursor", description: "Log position of the change." }),
});

mutation({
  name: "follow",
  description:
    "Follows a user. You receive the user's posts from now on, and `viewer.timeline` includes the earlier ones. The user is notified. Repeating it has no effect.",
  input: { description: "The user to follow.", fields: personInput },
  payload: { description: "You follow the user.", fields: followPayload },
  errors: [NotFoundError, BlockedError, LimitReachedError, RateLimitedError],
  resolve: ({ input, viewer, services }) =>
    services.follows.follow(viewer.user, requireId("User", input.userId, "userId")),
});

mutation({
  name: "unfollow",
  description:
    "Unfollows a user: you no longer receive the user's posts. Repeating it has no effect.",
  input: { description: "The user to unfollow.", fields: personInput },
  payload: { description: "You do not follow the user.", fields: followPayload },
  errors: [NotFoundError, RateLimitedError],
  resolve: ({ input, viewer, services }) =>
    services.follows.unfollow(viewer.user, requireId("User", input.userId, "userId")),
});

mutation({
  name: "mutePerson",
  description:
    "Removes a user's posts from your timeline and your events, without notifying or unfollowing the user. Repeating it has no effect.",
  input: { description: "The user to mute.", fields: personInput },
  payload: { description: "The user is muted.", fields: followPayload },
  errors: [NotFoundError, RateLimitedError],
  resolve: ({ input, viewer, services }) =>
    services.follows.mute(viewer.user, requireId("User", input.userId, "userId")),
});

mutation({
  name: "unmutePerson",
  description:
    "Restores a user's posts in your timeline and your events. Repeating it has no effect.",
  input: { description: "The user to unmute.", fields: personInput },
  payload: { description: "The user is not muted.", fields: followPayload },
  errors: [NotFoundError, RateLimitedError],
  resolve: ({ input, viewer, services }) =>
    services.follows.unmute(viewer.user, requireId("User", input.userId, "userId")),
});
