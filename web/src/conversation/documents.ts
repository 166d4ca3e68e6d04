import { graphql } from "../generated/gql.ts";

export const ROOM = graphql(`
  query Room($slug: String!, $last: Int!) {
    room(slug: $slug) {
      id
      slug
      name
      topic
      memberCount
      lastSeq
      viewerMembership {
        id
        role
        lastReadSeq
      }
      messages(last: $last) {
        ...MessagePage
      }
    }
  }
`);

/** The message fields in pages, events and mutation results. */
export const MESSAGE_FIELDS = graphql(`
  fragment MessageFields on Message {
    id
    conversationId
    seq
    kind
    author {
      id
      username
      displayName
    }
    body
    system {
      type
      value
      target {
        id
        displayName
      }
    }
    attachments {
      id
      name
      url
    }
    clientId
    createdAt
    editedAt
    deletedAt
  }
`);

export const MESSAGE_PAGE = graphql(`
  fragment MessagePage on MessageConnection {
    edges {
      cursor
      node {
        ...MessageFields
      }
    }
    pageInfo {
      startCursor
      endCursor
      hasNextPage
      hasPreviousPage
    }
  }
`);

export const OLDER_MESSAGES = graphql(`
  query OlderMessages($id: ID!, $last: Int!, $before: String!) {
    node(id: $id) {
      __typename
      ... on Conversation {
        messages(last: $last, before: $before) {
          ...MessagePage
        }
      }
    }
  }
`);

export const MEMBERS = graphql(`
  query Members($id: ID!, $first: Int!, $after: String) {
    node(id: $id) {
      __typename
      ... on Conversation {
        members(first: $first, after: $after) {
          edges {
            node {
              id
              role
              user {
                id
                username
                displayName
              }
            }
          }
          pageInfo {
            hasNextPage
            endCursor
          }
        }
      }
    }
  }
`);

export const SEND_MESSAGE = graphql(`
  mutation SendMessage($input: SendMessageInput!) {
    sendMessage(input: $input) {
      __typename
      ... on SendMessagePayload {
        sentMessage {
          ...MessageFields
        }
      }
      ... on InvalidInputError {
        fields {
          field
          message
        }
      }
      ... on OverloadedError {
        retryAfterMs
      }
      ... on Error {
        code
        message
      }
    }
  }
`);

export const MARK_READ = graphql(`
  mutation MarkRead($input: MarkReadInput!) {
    markRead(input: $input) {
      __typename
      ... on MarkReadPayload {
        mark {
          ...Mark
        }
      }
    }
  }
`);
