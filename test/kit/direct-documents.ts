import type { Person, TypedError } from "./documents.ts";
import { personMutation } from "./follow-documents.ts";

// Hand-written operations for direct messages and blocks.

export const BLOCK_PERSON = personMutation("blockPerson");
export const UNBLOCK_PERSON = personMutation("unblockPerson");

export interface Direct {
  id: string;
  kind: string;
  lastSeq: number;
  participants: Person[];
}

export const OPEN_DIRECT = /* GraphQL */ `
  mutation OpenDirectMessage($input: OpenDirectMessageInput!) {
    openDirectMessage(input: $input) {
      __typename
      ... on OpenDirectMessagePayload {
        cursor
        conversation {
          id
          kind
          lastSeq
          participants {
            id
            username
          }
        }
      }
      ... on Error {
        code
        message
      }
      ... on InvalidInputError {
        fields {
          field
          code
          message
        }
      }
    }
  }
`;
export type OpenDirectResult =
  { __typename: "OpenDirectMessagePayload"; cursor: string; conversation: Direct } | TypedError;

/** The viewer's direct conversations with their unread counts. */
export const DIRECTS = /* GraphQL */ `
  query Directs {
    viewer {
      conversations(kind: DIRECT, first: 100) {
        edges {
          node {
            __typename
            id
            lastSeq
            unreadCount
            lastMessage {
              body
            }
            viewerMembership {
              role
            }
            members(first: 100) {
              edges {
                node {
                  user {
                    username
                  }
                }
              }
            }
            ... on DirectConversation {
              participants {
                username
              }
            }
          }
        }
      }
    }
  }
`;

export interface Directs {
  viewer: {
    conversations: {
      edges: {
        node: {
          __typename: string;
          id: string;
          lastSeq: number;
          unreadCount: number;
          lastMessage: { body: string } | null;
          viewerMembership: { role: string } | null;
          members: { edges: { node: { user: { username: string } } }[] };
          participants: { username: string }[];
        };
      }[];
    };
  };
}
