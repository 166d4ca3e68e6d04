/** What the playground's tabs hold for someone who opens it for the first time. */
export const PLAYGROUND_TABS: readonly string[] = [
  `# 1. Sign up. Press Play: the browser is then logged in, in all tabs.
mutation SignUp {
  signUp(input: { username: "ada", password: "correct horse battery" }) {
    __typename
    ... on SignUpPayload { user { id username } cursor }
    ... on InvalidInputError { message fields { field message } }
    ... on Error { code message }
  }
}

# Somebody has that name already? Log in, or choose another name above.
mutation LogIn {
  logIn(input: { username: "ada", password: "correct horse battery" }) {
    __typename
    ... on LogInPayload { user { id username } }
    ... on Error { code message }
  }
}
`,
  `# 2. Make a room. Its id comes back; the lobby is there already.
mutation CreateRoom {
  createRoom(input: { name: "Tea & Cake", topic: "Sweet things" }) {
    __typename
    ... on CreateRoomPayload { room { id slug name } }
    ... on Error { code message }
  }
}

query Rooms {
  rooms(first: 20, sort: MEMBERS) {
    edges { node { id slug name memberCount viewerMembership { role } } }
  }
}
`,
  `# 3. Watch. Press Play and leave it running, then send from the next tab.
# In another browser, or a private window, sign up as somebody else and join in.
subscription Live {
  events {
    __typename
    cursor
    ... on MessageSent { message { seq body author { displayName } } }
    ... on MemberJoined { membership { user { displayName } } conversation { ... on Room { name } } }
    ... on MemberLeft { user { displayName } }
    ... on RoomCreated { room { name slug } }
    ... on EventGap { reason }
  }
}
`,
  `# 4. Say something in the lobby: take its id from the first operation.
query Lobby {
  room(slug: "lobby") { id name }
}

mutation Send($conversationId: ID!) {
  sendMessage(input: { conversationId: $conversationId, body: "Hello from the playground" }) {
    __typename
    ... on SendMessagePayload { sentMessage { id seq createdAt } cursor }
    ... on Error { code message }
  }
}
`,
  `# 5. Read what was said: the newest page, then older ones with \`before: startCursor\`.
query History {
  room(slug: "lobby") {
    name
    unreadCount
    messages(last: 50) {
      pageInfo { hasPreviousPage startCursor }
      edges { node { seq body createdAt author { displayName } } }
    }
  }
}
`,
];

/** Variables for the tabs that need some, by the tab's index. */
export const PLAYGROUND_VARIABLES: Readonly<Record<number, string>> = {
  3: JSON.stringify(
    { conversationId: "Q29udmVyc2F0aW9uOjAwMDAwMDAwLTAwMDAtNzAwMC04MDAwLTAwMDAwMDAwMDAwMQ==" },
    null,
    2,
  ),
};
