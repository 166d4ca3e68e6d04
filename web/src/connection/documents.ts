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

/** The person's own marks: what is read on one device is read on all. */
export const OWN_MARKS = graphql(`
  subscription OwnMarks {
    ownMarks {
      ...Mark
    }
  }
`);
