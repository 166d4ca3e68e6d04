import type { Person, TypedError } from "./documents.ts";

// Hand-written operations for following and publishing.

const PROBLEM =
  "... on Error { code message } ... on InvalidInputError { fields { field code message } }";

const POST = /* GraphQL */ `
  fragment PostParts on Post {
    id
    body
    clientId
    createdAt
    author {
      id
      username
    }
  }
`;

export interface Post {
  id: string;
  body: string;
  clientId: string;
  createdAt: string;
  author: Person;
}

/** Builds a mutation that takes and returns a user. */
export const personMutation = (name: string): string => {
  const type = `${name[0]?.toUpperCase() ?? ""}${name.slice(1)}`;
  return `mutation ${type}($input: ${type}Input!) {
    ${name}(input: $input) { __typename ... on ${type}Payload { cursor person { id username } } ${PROBLEM} }
  }`;
};

export const FOLLOW = personMutation("follow");
export const UNFOLLOW = personMutation("unfollow");
export const MUTE_PERSON = personMutation("mutePerson");
export const UNMUTE_PERSON = personMutation("unmutePerson");

/** The payload of each of the mutations above. */
export interface PersonPayload {
  __typename: `${string}Payload`;
  cursor: string;
  person: Person;
}

export const PUBLISH = /* GraphQL */ `
  mutation Publish($input: PublishInput!) {
    publish(input: $input) {
      __typename
      ... on PublishPayload { cursor post { ...PostParts } }
      ${PROBLEM}
    }
  }
  ${POST}
`;
export type PublishResult =
  { __typename: "PublishPayload"; cursor: string; post: Post } | TypedError;

export const DELETE_POST = /* GraphQL */ `
  mutation DeletePost($input: DeletePostInput!) {
    deletePost(input: $input) {
      __typename
      ... on DeletePostPayload { cursor deletedPostId }
      ${PROBLEM}
    }
  }
`;
export type DeletePostResult =
  { __typename: "DeletePostPayload"; cursor: string; deletedPostId: string } | TypedError;

/** A page of the viewer's timeline, or of one user's posts under the same alias. */
export const TIMELINE = /* GraphQL */ `
  query Timeline($first: Int, $after: String, $last: Int, $before: String) {
    viewer {
      posts: timeline(first: $first, after: $after, last: $last, before: $before) {
        edges {
          cursor
          node {
            ...PostParts
          }
        }
        pageInfo {
          hasNextPage
          hasPreviousPage
          endCursor
          startCursor
        }
      }
    }
  }
  ${POST}
`;

export interface Posts {
  edges: { cursor: string; node: Post }[];
  pageInfo: {
    hasNextPage: boolean;
    hasPreviousPage: boolean;
    endCursor: string | null;
    startCursor: string | null;
  };
}

export const POSTS_OF = /* GraphQL */ `
  query PostsOf($username: String!, $first: Int, $after: String, $last: Int, $before: String) {
    user(username: $username) {
      posts(first: $first, after: $after, last: $last, before: $before) {
        edges {
          cursor
          node {
            ...PostParts
          }
        }
        pageInfo {
          hasNextPage
          hasPreviousPage
          endCursor
          startCursor
        }
      }
    }
  }
  ${POST}
`;

/** The relationship of the viewer and another user. */
export const RELATIONSHIP = /* GraphQL */ `
  query Relationship($username: String!) {
    user(username: $username) {
      followerCount
      followingCount
      viewerFollows
      viewerMutes
      followers(first: 100) {
        edges {
          node {
            username
          }
        }
      }
      following(first: 100) {
        edges {
          node {
            username
          }
        }
      }
    }
    viewer {
      muted(first: 100) {
        edges {
          node {
            username
          }
        }
      }
    }
  }
`;

interface People {
  edges: { node: { username: string } }[];
}

export interface Relationship {
  user: {
    followerCount: number;
    followingCount: number;
    viewerFollows: boolean;
    viewerMutes: boolean;
    followers: People;
    following: People;
  };
  viewer: { muted: People };
}

/** The events of following and publishing. */
export const FEED_EVENTS = /* GraphQL */ `
  subscription FeedEvents($after: Cursor) {
    events(after: $after) {
      __typename
      cursor
      ... on Followed {
        follower {
          username
        }
        followed {
          username
        }
      }
      ... on Unfollowed {
        follower {
          username
        }
        followed {
          username
        }
      }
      ... on PersonMuted {
        person {
          username
        }
      }
      ... on PersonUnmuted {
        person {
          username
        }
      }
      ... on PostPublished {
        post {
          ...PostParts
        }
      }
      ... on PostDeleted {
        postId
        author {
          username
        }
      }
    }
  }
  ${POST}
`;

export interface FeedEvent {
  __typename: string;
  cursor: string;
  follower?: { username: string };
  followed?: { username: string };
  person?: { username: string };
  post?: Post;
  postId?: string;
}
