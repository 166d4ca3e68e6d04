/** One tab of the playground. */
export interface PlaygroundTab {
  query: string;
  variables: string | null;
}

/** The lobby's id is the same on every server (prisma/migrations). */
const LOBBY_ID = "Q29udmVyc2F0aW9uOjAwMDAwMDAwLTAwMDAtNzAwMC04MDAwLTAwMDAwMDAwMDAwMQ==";

const variables = (values: object): string => JSON.stringify(values, null, 2);

/** What the playground holds for someone who opens it for the first time: one operation to a tab. */
export const PLAYGROUND_TABS: readonly PlaygroundTab[] = [
  {
    query: `# Welcome! Press Play: it signs you up, and this browser is logged in, in all tabs.
mutation SignUp($input: SignUpInput!) {
  signUp(input: $input) {
    __typename
    ... on SignUpPayload {
      user { id username }
      cursor
    }
    ... on Error { code message }
  }
}
`,
    variables: variables({ input: { username: "ada", password: "correct horse battery" } }),
  },
  {
    query: `# For the next time, or when somebody has your name already.
mutation LogIn($input: LogInInput!) {
  logIn(input: $input) {
    __typename
    ... on LogInPayload { user { id username } }
    ... on Error { code message }
  }
}
`,
    variables: variables({ input: { username: "ada", password: "correct horse battery" } }),
  },
  {
    query: `# Everything that happens and that you may see. Press Play and leave it running,
# then send from another tab, or from a private window as somebody else.
subscription Live {
  events {
    __typename
    cursor
    ... on MessageSent {
      message { seq body author { displayName } }
    }
    ... on MemberJoined {
      membership { user { displayName } }
      conversation { ... on Room { name } }
    }
    ... on MemberLeft { user { displayName } }
    ... on RoomCreated { room { name slug } }
    ... on EventGap { reason }
  }
}
`,
    variables: null,
  },
  {
    query: `# Says something in the lobby. Another room's id, from "Rooms", works as well.
mutation Send($input: SendMessageInput!) {
  sendMessage(input: $input) {
    __typename
    ... on SendMessagePayload {
      sentMessage { id seq createdAt }
      cursor
    }
    ... on Error { code message }
  }
}
`,
    variables: variables({
      input: { conversationId: LOBBY_ID, body: "Hello from the playground" },
    }),
  },
  {
    query: `# The newest page of what was said. For the page above it: before: pageInfo.startCursor.
query History($slug: String!) {
  room(slug: $slug) {
    name
    unreadCount
    messages(last: 50) {
      pageInfo { hasPreviousPage startCursor }
      edges {
        node { seq body createdAt author { displayName } }
      }
    }
  }
}
`,
    variables: variables({ slug: "lobby" }),
  },
  {
    query: `# A room of your own. Others find it below "Rooms" and join with joinRoom.
mutation CreateRoom($input: CreateRoomInput!) {
  createRoom(input: $input) {
    __typename
    ... on CreateRoomPayload {
      room { id slug name }
    }
    ... on Error { code message }
  }
}
`,
    variables: variables({ input: { name: "Tea & Cake", topic: "Sweet things" } }),
  },
  {
    query: `query Rooms {
  rooms(first: 20, sort: MEMBERS) {
    edges {
      node { id slug name memberCount viewerMembership { role } }
    }
  }
}
`,
    variables: null,
  },
];
