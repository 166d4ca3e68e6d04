import { graphql } from "../generated/gql.ts";

/** A room in the viewer's room list. */
export const LISTED_ROOM = graphql(`
  fragment ListedRoom on Room {
    id
    slug
    name
    topic
    memberCount
    createdAt
    lastSeq
    countedMessages
    lastMessage {
      ...MessageFields
    }
    unreadCount
    viewerMembership {
      id
      role
      lastReadSeq
      markRevision
    }
    viewerMark {
      ...Mark
    }
  }
`);

/** The viewer's read mark, shared by all devices. */
export const MARK = graphql(`
  fragment Mark on OwnMark {
    conversationId
    lastReadSeq
    readCount
    unreadMentionCount
    revision
    lastSeq
    countedMessages
  }
`);

/** The viewer's rooms, and the cursor after which events keep them up to date. */
export const OWN_ROOMS = graphql(`
  query OwnRooms($first: Int!, $after: String) {
    viewer {
      cursor
      conversations(kind: ROOM, first: $first, after: $after) {
        edges {
          node {
            __typename
            ... on Room {
              ...ListedRoom
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
`);

export const OWN_ROOM = graphql(`
  query OwnRoom($id: ID!) {
    node(id: $id) {
      __typename
      ... on Room {
        ...ListedRoom
      }
    }
  }
`);

export const DIRECTORY = graphql(`
  query Directory($search: String, $first: Int!, $after: String) {
    rooms(search: $search, sort: ACTIVITY, first: $first, after: $after) {
      edges {
        node {
          id
          slug
          name
          topic
          memberCount
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

export const CREATE_ROOM = graphql(`
  mutation CreateRoom($input: CreateRoomInput!) {
    createRoom(input: $input) {
      __typename
      ... on CreateRoomPayload {
        room {
          id
          slug
        }
      }
      ... on InvalidInputError {
        fields {
          field
          message
        }
      }
      ... on Error {
        message
      }
    }
  }
`);

export const JOIN_ROOM = graphql(`
  mutation JoinRoom($input: JoinRoomInput!) {
    joinRoom(input: $input) {
      __typename
      ... on JoinRoomPayload {
        room {
          id
          slug
        }
      }
      ... on Error {
        message
      }
    }
  }
`);

export const LEAVE_ROOM = graphql(`
  mutation LeaveRoom($input: LeaveRoomInput!) {
    leaveRoom(input: $input) {
      __typename
      ... on LeaveRoomPayload {
        room {
          id
        }
      }
      ... on Error {
        message
      }
    }
  }
`);
