// What programs send and hear about typing and presence, as tests write it by hand.

export const SET_TYPING = /* GraphQL */ `
  mutation SetTyping($input: SetTypingInput!) {
    setTyping(input: $input) {
      __typename
      ... on SetTypingPayload {
        typing
        expiresInMs
      }
      ... on Error {
        code
        message
      }
    }
  }
`;

export const ACTIVITY = /* GraphQL */ `
  subscription Activity($id: ID!) {
    activity(conversationId: $id) {
      __typename
      conversationId
      ... on TypingChanged {
        typing
        user {
          username
        }
      }
    }
  }
`;

/** What `ACTIVITY` sends. */
export interface Activity {
  __typename: string;
  conversationId: string;
  typing: boolean;
  user: { username: string };
}

export interface TypingPayload {
  __typename: "SetTypingPayload";
  typing: boolean;
  expiresInMs: number;
}
