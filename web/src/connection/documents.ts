import { graphql } from "../generated/gql.ts";

/**
 * All events of the viewer. It selects no viewer-dependent field, so the server executes each event
 * once for all subscribers.
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
      ... on MessageDeleted {
        lastSeq
        countedMessages
      }
      ... on MemberJoined {
        conversationId
        conversation {
          __typename
          id
          createdAt
          lastSeq
          countedMessages
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
          markRevision
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

export const OWN_MARKS = graphql(`
  subscription OwnMarks {
    ownMarks {
      ...Mark
    }
  }
`);
