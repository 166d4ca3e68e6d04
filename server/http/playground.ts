import type { renderGraphiQL } from "@graphql-yoga/render-graphiql";

/**
 * GraphiQL's tabs are draggable, and a pressed tab ignores the pointer. Current Chromium then sends the
 * click to the tab list, and nothing happens. This script forwards it to the pressed button.
 */
const TAB_CLICK_FIX = `<script>
let pressed = null;
document.addEventListener("pointerdown", (event) => { pressed = event.target; }, true);
document.addEventListener("click", (event) => {
  if (event.isTrusted && event.target.matches?.('[role="tab"], [role="tablist"]')) pressed?.closest("button")?.click();
}, true);
</script>`;

/**
 * GraphiQL stores its tabs, and separately the text edited last. At its start it opens another tab,
 * `<untitled>`, if no stored tab has that text. Without an edit, no text is stored. Another window may store
 * its tabs while this page loads, between two of GraphiQL's reads. So this script reads all values together,
 * and GraphiQL's first reads return these values, with the active tab as the text edited last.
 */
const OPEN_TAB_FIX = `<script>
try {
  const keys = ["query", "variables", "headers", "tabState"].map((name) => "graphiql:" + name);
  const read = Storage.prototype.getItem;
  let initial = new Map(keys.map((key) => [key, localStorage.getItem(key)]));
  const state = JSON.parse(initial.get("graphiql:tabState"));
  for (const part of state === null ? [] : ["query", "variables", "headers"]) {
    initial.set("graphiql:" + part, state.tabs[state.activeTabIndex][part] || null);
  }
  Storage.prototype.getItem = function (key) {
    if (!initial?.has(key)) return read.call(this, key);
    const value = initial.get(key);
    // GraphiQL reads its tabs last.
    if (key === "graphiql:tabState") initial = null;
    return value;
  };
} catch {}
</script>`;

/**
 * Renders the playground page from the npm package alone; it loads nothing from elsewhere. The package is
 * read on the first visit, because its nine megabytes of script would take a quarter of the startup.
 */
export async function renderPlayground(
  options?: Parameters<typeof renderGraphiQL>[0],
): Promise<string> {
  const { renderGraphiQL } = await import("@graphql-yoga/render-graphiql");
  const page = renderGraphiQL(options).replace(ROOT, (root) => OPEN_TAB_FIX + root);
  // Uses the last occurrence, because GraphiQL's inline script also contains this text.
  const end = page.lastIndexOf("</body>");
  return page.slice(0, end) + TAB_CLICK_FIX + page.slice(end);
}

/** The element into which GraphiQL's script renders; it precedes that script. */
const ROOT = '<div id="root">';

/** The lobby has the same id on every server (prisma/migrations). */
const LOBBY_ID = "Q29udmVyc2F0aW9uOjAwMDAwMDAwLTAwMDAtNzAwMC04MDAwLTAwMDAwMDAwMDAwMQ==";

/**
 * The tabs for first-time visitors: one complete operation per tab, because GraphiQL ignores variables of
 * its first tab.
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
