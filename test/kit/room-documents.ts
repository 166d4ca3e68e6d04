// Hand-written operations for moderation.

const WITHOUT_CURSOR: ReadonlySet<string> = new Set(["createInviteLink", "revokeInviteLink"]);

/**
 * Builds a mutation about rooms and their members by its name: each returns a payload with a cursor, or a
 * typed error.
 */
export function roomAct(name: string): string {
  const type = `${name[0]?.toUpperCase() ?? ""}${name.slice(1)}`;
  return /* GraphQL */ `
    mutation Act($input: ${type}Input!) {
      ${name}(input: $input) {
        __typename
        ... on ${type}Payload { ${WITHOUT_CURSOR.has(name) ? "__typename" : "cursor"} }
        ... on Error { code message }
        ... on InvalidInputError { fields { field code message } }
      }
    }
  `;
}

export const CREATE_INVITE_LINK = /* GraphQL */ `
  mutation CreateInviteLink($input: CreateInviteLinkInput!) {
    createInviteLink(input: $input) {
      __typename
      ... on CreateInviteLinkPayload {
        token
        link {
          id
          uses
          maxUses
          expiresAt
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

export interface InviteLinkPayload {
  __typename: "CreateInviteLinkPayload";
  token: string;
  link: { id: string; uses: number; maxUses: number | null; expiresAt: string };
}

export const INVITE_TO_ROOM = /* GraphQL */ `
  mutation InviteToRoom($input: InviteToRoomInput!) {
    inviteToRoom(input: $input) {
      __typename
      ... on InviteToRoomPayload {
        cursor
        invite {
          id
          room {
            id
            name
            memberCount
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

export interface InvitePayload {
  __typename: "InviteToRoomPayload";
  cursor: string;
  invite: { id: string; room: { id: string; name: string; memberCount: number } };
}
