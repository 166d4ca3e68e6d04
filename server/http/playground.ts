import type { renderGraphiQL } from "@graphql-yoga/render-graphiql";

/**
 * GraphiQL's tabs can be dragged, and while one is pressed it is out of the pointer's reach: current
 * Chromium then sends the click to the list of tabs, and nothing happens. This hands it on to the
 * button that was pressed.
 */
const TAB_CLICK_FIX = `<script>
let pressed = null;
document.addEventListener("pointerdown", (event) => { pressed = event.target; }, true);
document.addEventListener("click", (event) => {
  if (event.isTrusted && event.target.matches?.('[role="tab"], [role="tablist"]')) pressed?.closest("button")?.click();
}, true);
</script>`;

/**
 * GraphiQL keeps its tabs, and what was edited last beside them; where nothing was edited yet, it takes the
 * nothing for a tab of its own and opens it. So what it takes for edited last is the tab that was in front.
 */
const OPEN_TAB_FIX = `<script>
try {
  const { tabs, activeTabIndex } = JSON.parse(localStorage.getItem("graphiql:tabState"));
  for (const part of ["query", "variables", "headers"]) {
    const text = tabs[activeTabIndex][part];
    if (text) localStorage.setItem("graphiql:" + part, text);
    else localStorage.removeItem("graphiql:" + part);
  }
} catch {}
</script>`;

/**
 * The playground's page, from the package alone: it loads nothing from anywhere else. The package is read
 * when somebody opens the playground; its nine megabytes of script would be a quarter of the start-up.
 */
export async function renderPlayground(
  options?: Parameters<typeof renderGraphiQL>[0],
): Promise<string> {
  const { renderGraphiQL } = await import("@graphql-yoga/render-graphiql");
  const page = renderGraphiQL(options).replace(ROOT, (root) => OPEN_TAB_FIX + root);
  // The last one: GraphiQL's own script, which stands in the page, holds the text as well.
  const end = page.lastIndexOf("</body>");
  return page.slice(0, end) + TAB_CLICK_FIX + page.slice(end);
}

/** Where GraphiQL's own script finds its place, before that script. */
const ROOT = '<div id="root">';

/** The lobby's id is the same on every server (prisma/migrations). */
const LOBBY_ID = "Q29udmVyc2F0aW9uOjAwMDAwMDAwLTAwMDAtNzAwMC04MDAwLTAwMDAwMDAwMDAwMQ==";

/**
 * What the playground holds for someone who opens it for the first time: one operation to a tab,
 * complete in itself, because GraphiQL does not take variables for its first tab.
 */
export const PLAYGROUND_TABS: readonly string[] = [
  `# Welcome! Press Play to sign up. This browser is then
# logged in, in all tabs of the playground.
mutation SignUp {
  signUp(input: {
    username: "ada"
    password: "correct horse battery"
  }) {
    __typename
    ... on SignUpPayload {
      user { id username }
      cursor
    }
    ... on Error { code message }
  }
}
`,
  `# For the next time, or when somebody has the name.
mutation LogIn {
  logIn(input: {
    username: "ada"
    password: "correct horse battery"
  }) {
    __typename
    ... on LogInPayload {
      user { id username }
    }
    ... on Error { code message }
  }
}
`,
  `# Everything that happens and that you may see.
# Press Play in a second window and send from the first:
# a tab stops when you turn to another one.
subscription Live {
  events {
    __typename
    cursor
    ... on MessageSent {
      message {
        seq
        body
        author { displayName }
      }
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
  `# Says something in the lobby. The id of another room,
# from the tab "Rooms", works as well.
mutation Send {
  sendMessage(input: {
    conversationId: "${LOBBY_ID}"
    body: "Hello from the playground"
  }) {
    __typename
    ... on SendMessagePayload {
      sentMessage { id seq createdAt }
      cursor
    }
    ... on Error { code message }
  }
}
`,
  `# The newest page of what was said. For the page above:
# messages(last: 50, before: "the startCursor of this one")
query History {
  room(slug: "lobby") {
    name
    unreadCount
    messages(last: 50) {
      pageInfo { hasPreviousPage startCursor }
      edges {
        node {
          seq
          body
          createdAt
          author { displayName }
        }
      }
    }
  }
}
`,
  `# A room of your own. Others find it under "Rooms"
# and join it with joinRoom.
mutation CreateRoom {
  createRoom(input: {
    name: "Tea & Cake"
    topic: "Sweet things"
  }) {
    __typename
    ... on CreateRoomPayload {
      room { id slug name }
    }
    ... on Error { code message }
  }
}
`,
  `query Rooms {
  rooms(first: 20, sort: MEMBERS) {
    edges {
      node {
        id
        slug
        name
        memberCount
        viewerMembership { role }
      }
    }
  }
}
`,
];
