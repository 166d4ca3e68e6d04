import { graphql } from "../generated/gql.ts";

/** The viewer, and the server settings that the forms need. */
export const ENTRY = graphql(`
  query Entry {
    server {
      name
      limits {
        messageLength
        pageSize
        passwordMinLength
        passwordMaxLength
        usernameMaxLength
        roomNameLength
      }
      lobby {
        id
        slug
        name
      }
    }
    viewer {
      user {
        id
        username
        displayName
      }
      session {
        id
      }
    }
  }
`);

export const SESSIONS = graphql(`
  query Sessions {
    viewer {
      sessions(first: 50) {
        edges {
          node {
            id
            device
            address
            createdAt
            lastUsedAt
            current
          }
        }
      }
    }
  }
`);

export const REVOKE_SESSION = graphql(`
  mutation RevokeSession($input: RevokeSessionInput!) {
    revokeSession(input: $input) {
      __typename
      ... on RevokeSessionPayload {
        session {
          id
        }
      }
      ... on Error {
        message
      }
    }
  }
`);

export const LOG_OUT = graphql(`
  mutation LogOut {
    logOut {
      __typename
      ... on LogOutPayload {
        loggedOut
      }
    }
  }
`);
