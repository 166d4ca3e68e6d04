import { graphql } from "../generated/gql.ts";

/**
 * Everything that happens to this person. It selects nothing that depends on who is looking, so
 * that the server can prepare an event once for all who see it.
 */
export const EVENTS = graphql(`
  subscription Events($after: Cursor) {
    events(after: $after) {
      __typename
      cursor
      at
      ... on EventGap {
        reason
      }
      ... on MessageSent {
        conversationId
        message {
          ...MessageFields
        }
      }
      ... on MessageChange {
        conversationId
        message {
          ...MessageFields
        }
      }
      ... on MemberJoined {
        conversationId
        conversation {
          __typename
          id
          createdAt
          lastSeq
          ... on Room {
            slug
            name
            topic
            memberCount
          }
        }
        membership {
          id
          role
          lastReadSeq
          user {
            id
            username
            displayName
          }
        }
      }
      ... on MemberLeft {
        conversationId
        user {
          id
          username
          displayName
        }
      }
      ... on RoomCreated {
        conversationId
      }
      ... on SessionEnded {
        sessionId
      }
    }
  }
`);
