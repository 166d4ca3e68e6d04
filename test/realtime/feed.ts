import { nodes, type Connection } from "./connection.ts";

/** A page size above the number of items in a test. */
const ALL = 100;

const PERSON = "edges { node { id } }";
const POST = "id body createdAt author { id username }";

/** The selection of a feed snapshot. */
export const FEED = /* GraphQL */ `
  fragment Feed on Viewer {
    feedOf: user {
      followerCount
      followingCount
      followers(first: ${ALL}) { ${PERSON} }
      following(first: ${ALL}) { ${PERSON} }
    }
    muted(first: ${ALL}) { ${PERSON} }
    blocked(first: ${ALL}) { ${PERSON} }
    timeline(first: ${ALL}) { edges { node { ${POST} } } }
  }
`;

/**
 * The selection of events. An event that adds an author to the timeline selects the author's existing
 * posts.
 */
export const FEED_EVENTS = /* GraphQL */ `
  fragment Author on User {
    id
    posts(first: ${ALL}) { edges { node { ${POST} } } }
  }
  fragment FeedEvents on Event {
    ... on Followed { follower { id } followed { ...Author } }
    ... on Unfollowed { follower { id } followed { id } }
    ... on PersonMuted { person { id } }
    ... on PersonUnmuted { person { ...Author } }
    ... on PersonBlocked { person { id } }
    ... on PersonUnblocked { person { id } }
    ... on PostPublished { post { ${POST} } }
    ... on PostDeleted { postId }
  }
`;

interface Person {
  id: string;
}

export interface PostState {
  id: string;
  body: string;
  createdAt: string;
  author: { id: string; username: string };
}

interface Author extends Person {
  posts: Connection<PostState>;
}

/** The result of `Feed`. */
export interface FeedData {
  feedOf: {
    followerCount: number;
    followingCount: number;
    followers: Connection<Person>;
    following: Connection<Person>;
  };
  muted: Connection<Person>;
  blocked: Connection<Person>;
  timeline: Connection<PostState>;
}

interface EventOf<Name extends string> {
  __typename: Name;
  cursor: string;
}

/** The result of `FeedEvents`. */
export type FeedChange =
  | (EventOf<"Followed"> & { follower: Person; followed: Author })
  | (EventOf<"Unfollowed"> & { follower: Person; followed: Person })
  | (EventOf<"PersonMuted"> & { person: Person })
  | (EventOf<"PersonUnmuted"> & { person: Author })
  | (EventOf<"PersonBlocked" | "PersonUnblocked"> & { person: Person })
  | (EventOf<"PostPublished"> & { post: PostState })
  | (EventOf<"PostDeleted"> & { postId: string });

/** A client's state of timeline, follows and followers. Lists of users are sorted latest first. */
export interface FeedState {
  followerCount: number;
  followingCount: number;
  followers: string[];
  following: string[];
  muted: string[];
  blocked: string[];
  /** Newest first. */
  timeline: PostState[];
}

export const NO_FEED: FeedState = {
  followerCount: 0,
  followingCount: 0,
  followers: [],
  following: [],
  muted: [],
  blocked: [],
  timeline: [],
};

export function toFeed({ feedOf, muted, blocked, timeline }: FeedData): FeedState {
  const ids = (people: Connection<Person>): string[] => nodes(people).map(({ id }) => id);
  return {
    followerCount: feedOf.followerCount,
    followingCount: feedOf.followingCount,
    followers: ids(feedOf.followers),
    following: ids(feedOf.following),
    muted: ids(muted),
    blocked: ids(blocked),
    timeline: nodes(timeline).toSorted(newestFirst),
  };
}

/** Removes the posts and follows of a deleted user. */
export function withoutPerson(feed: FeedState, id: string): FeedState {
  const others = (ids: readonly string[]): string[] => ids.filter((other) => other !== id);
  return withoutAuthor(
    withFollowers(withFollowing(feed, others(feed.following)), others(feed.followers)),
    id,
  );
}

/** Applies an event to a feed: pure, and without effect if the feed already includes it. */
export function reduceFeed(feed: FeedState, change: FeedChange, userId: string): FeedState {
  switch (change.__typename) {
    case "Followed":
      if (change.follower.id !== userId)
        return withFollowers(feed, [change.follower.id, ...feed.followers]);
      return withAuthor(
        withFollowing(feed, [change.followed.id, ...feed.following]),
        change.followed,
      );
    case "Unfollowed":
      if (change.follower.id !== userId) {
        return withFollowers(
          feed,
          feed.followers.filter((id) => id !== change.follower.id),
        );
      }
      return withoutAuthor(
        withFollowing(
          feed,
          feed.following.filter((id) => id !== change.followed.id),
        ),
        change.followed.id,
      );
    case "PersonMuted":
      return withoutAuthor({ ...feed, muted: [change.person.id, ...feed.muted] }, change.person.id);
    case "PersonUnmuted":
      return withAuthor(
        { ...feed, muted: feed.muted.filter((id) => id !== change.person.id) },
        change.person,
      );
    case "PersonBlocked":
      return { ...feed, blocked: [change.person.id, ...feed.blocked] };
    case "PersonUnblocked":
      return { ...feed, blocked: feed.blocked.filter((id) => id !== change.person.id) };
    case "PostPublished":
      return withPosts(feed, [change.post]);
    case "PostDeleted":
      return { ...feed, timeline: feed.timeline.filter(({ id }) => id !== change.postId) };
  }
}

function withFollowers(feed: FeedState, followers: string[]): FeedState {
  return { ...feed, followers, followerCount: followers.length };
}

function withFollowing(feed: FeedState, following: string[]): FeedState {
  return { ...feed, following, followingCount: following.length };
}

/** Adds all posts of a followed, unmuted author to the timeline. */
function withAuthor(feed: FeedState, author: Author): FeedState {
  const isReceived = feed.following.includes(author.id) && !feed.muted.includes(author.id);
  return isReceived ? withPosts(feed, nodes(author.posts)) : feed;
}

function withoutAuthor(feed: FeedState, authorId: string): FeedState {
  return { ...feed, timeline: feed.timeline.filter(({ author }) => author.id !== authorId) };
}

function withPosts(feed: FeedState, posts: readonly PostState[]): FeedState {
  const known = new Set(feed.timeline.map(({ id }) => id));
  const fresh = posts.filter(({ id }) => !known.has(id));
  return { ...feed, timeline: [...fresh, ...feed.timeline].toSorted(newestFirst) };
}

/** Posts of the same millisecond may have any consistent order. */
function newestFirst(a: PostState, b: PostState): number {
  return Date.parse(b.createdAt) - Date.parse(a.createdAt) || (a.id < b.id ? 1 : -1);
}
