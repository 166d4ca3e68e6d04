import { graphql } from "../generated/gql.ts";

export const SIGN_UP = graphql(`
  mutation SignUp($input: SignUpInput!) {
    signUp(input: $input) {
      __typename
      ... on SignUpPayload {
        user {
          id
        }
      }
      ... on InvalidInputError {
        fields {
          field
          message
        }
      }
      ... on Error {
        code
        message
      }
    }
  }
`);

export const LOG_IN = graphql(`
  mutation LogIn($input: LogInInput!) {
    logIn(input: $input) {
      __typename
      ... on LogInPayload {
        user {
          id
        }
      }
      ... on SessionActiveError {
        retryAfterMs
      }
      ... on Error {
        code
        message
      }
    }
  }
`);
