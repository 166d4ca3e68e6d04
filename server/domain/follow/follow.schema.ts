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
  BlockedError,
  InvalidInputError,
  LimitReachedError,
  NotAuthenticatedError,
  NotFoundError,
  RateLimitedError,
} from "../../kernel/errors.ts";
import type { UserRecord } from "../user/user.record.ts";
import { ViewerType } from "../session/session.schema.ts";
import { UserType } from "../user/user.schema.ts";
import type { FollowResult, FollowKey, FollowPage, FollowedUserRow } from "./follow.service.ts";

function personKey(cursor: string | undefined): FollowKey | undefined {
  if (cursor === undefined) return undefined;
  const [position] = fromListCursor(cursor, 1);
  return { position: BigInt(countOf(position, Number.MAX_SAFE_INTEGER)) };
}

/** A page of a list of people, the one who came last first. */
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
    description: "How many people follow this person.",
    resolve: async (user, _args, context) =>
      (await context.loaders.followCounts.load(user.id))?.followers ?? 0,
  }),
  followingCount: t.int({
    description: "How many people this person follows.",
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
    { name: "FollowerEdge", description: "A follower and the place in the list." },
  ),
  following: t.connection(
    {
      type: UserType,
      description: "Whom this person follows, the last one first.",
      resolve: (user, args, { services }) =>
        paginatePeople(args, services.server.facts.pageSize, (page) =>
          services.follows.following(user.id, page),
        ),
    },
    { name: "FollowingConnection", description: "A page of people who are followed." },
    { name: "FollowingEdge", description: "Somebody who is followed, and the place in the list." },
  ),
  viewerFollows: t.boolean({
    ...viewerDependent,
    description: "Whether you follow this person. Depends on the viewer.",
    resolve: (user, _args, context) => context.loaders.viewerFollows.load(user.id),
  }),
  viewerMutes: t.boolean({
    ...viewerDependent,
    description:
      "Whether you have muted this person. Nobody but you can know. Depends on the viewer.",
    resolve: (user, _args, context) => context.loaders.viewerMutes.load(user.id),
  }),
}));

builder.objectField(ViewerType, "muted", (t) =>
  t.connection(
    {
      type: UserType,
      description: "Whom you have muted, the last one first. Nobody but you can know.",
      resolve: (viewer, args, { services }) =>
        paginatePeople(args, services.server.facts.pageSize, (page) =>
          services.follows.mutes(viewer.user.id, page),
        ),
    },
    { name: "MutedConnection", description: "A page of people who are muted." },
    { name: "MutedEdge", description: "Somebody who is muted, and the place in the list." },
  ),
);

const personInput = (name: string, description: string) =>
  builder.inputType(name, {
    description,
    fields: (t) => ({ userId: t.id({ required: true, description: "Global id of a person." }) }),
  });

const donePayload = (name: string, description: string) =>
  builder.objectRef<FollowResult>(name).implement({
    description,
    fields: (t) => ({
      person: t.expose("person", { type: UserType, description: "The person." }),
      cursor: t.expose("position", { type: "Cursor", description: "The log as of this." }),
    }),
  });

const FollowInput = personInput("FollowInput", "Whom to follow.");
const UnfollowInput = personInput("UnfollowInput", "Whom to follow no longer.");
const MutePersonInput = personInput("MutePersonInput", "Whose posts you do not want to see.");
const UnmutePersonInput = personInput("UnmutePersonInput", "Whose posts you want to see again.");
const FollowPayload = donePayload("FollowPayload", "You follow the person.");
const UnfollowPayload = donePayload("UnfollowPayload", "You do not follow the person.");
const MutePersonPayload = donePayload("MutePersonPayload", "The person is muted.");
const UnmutePersonPayload = donePayload("UnmutePersonPayload", "The person is not muted.");

builder.mutationFields((t) => ({
  follow: t.field({
    type: FollowPayload,
    args: { input: t.arg({ type: FollowInput, required: true, description: "Whom." }) },
    errors: {
      types: [
        NotAuthenticatedError,
        InvalidInputError,
        NotFoundError,
        BlockedError,
        LimitReachedError,
        RateLimitedError,
      ],
      union: { name: "FollowResult", description: "What comes of `follow`." },
    },
    description:
      "Follows a person: what they publish comes to you from now on, and stands in `viewer.timeline` with what they published before. They learn of it. Following again changes nothing.",
    resolve: (_parent, { input }, context) =>
      context.services.follows.follow(
        requireViewer(context.viewer).user,
        requireId("User", input.userId, "userId"),
      ),
  }),
  unfollow: t.field({
    type: UnfollowPayload,
    args: { input: t.arg({ type: UnfollowInput, required: true, description: "Whom." }) },
    errors: {
      types: [NotAuthenticatedError, InvalidInputError, NotFoundError, RateLimitedError],
      union: { name: "UnfollowResult", description: "What comes of `unfollow`." },
    },
    description:
      "Follows a person no longer: nothing more of what they publish comes to you. Doing it again changes nothing.",
    resolve: (_parent, { input }, context) =>
      context.services.follows.unfollow(
        requireViewer(context.viewer).user,
        requireId("User", input.userId, "userId"),
      ),
  }),
  mutePerson: t.field({
    type: MutePersonPayload,
    args: { input: t.arg({ type: MutePersonInput, required: true, description: "Whom." }) },
    errors: {
      types: [NotAuthenticatedError, InvalidInputError, NotFoundError, RateLimitedError],
      union: { name: "MutePersonResult", description: "What comes of `mutePerson`." },
    },
    description:
      "Takes a person's posts out of your timeline and your events, without their knowing and without unfollowing them. Doing it again changes nothing.",
    resolve: (_parent, { input }, context) =>
      context.services.follows.mute(
        requireViewer(context.viewer).user,
        requireId("User", input.userId, "userId"),
      ),
  }),
  unmutePerson: t.field({
    type: UnmutePersonPayload,
    args: { input: t.arg({ type: UnmutePersonInput, required: true, description: "Whom." }) },
    errors: {
      types: [NotAuthenticatedError, InvalidInputError, NotFoundError, RateLimitedError],
      union: { name: "UnmutePersonResult", description: "What comes of `unmutePerson`." },
    },
    description: "Lets a person's posts come to you again. Doing it again changes nothing.",
    resolve: (_parent, { input }, context) =>
      context.services.follows.unmute(
        requireViewer(context.viewer).user,
        requireId("User", input.userId, "userId"),
      ),
  }),
}));
