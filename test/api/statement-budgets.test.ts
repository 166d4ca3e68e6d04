import { createHash, randomBytes } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { client } from "../kit/client.ts";
import { seedOn } from "../kit/seed.ts";
import { startInProcess, type InProcess } from "../realtime/in-process.ts";
import { countStatements, type StatementCount } from "./statements.ts";

const CONVERSATIONS = 500;
/** Number of messages in each conversation. */
const MESSAGES = 20;

const ROOM_FIELDS = /* GraphQL */ `
  id
  kind
  slug
  name
  topic
  visibility
  memberCount
  lastSeq
  createdAt
`;

const BOOT = /* GraphQL */ `
  query Boot {
    viewer {
      user {
        id
        username
        displayName
      }
      session {
        id
        device
        current
      }
      cursor
      unread {
        messages
        conversations
      }
      conversations(first: 500) {
        pageInfo {
          hasNextPage
        }
        edges {
          cursor
          node {
            unreadCount
            viewerMembership {
              id
              role
              lastReadSeq
              user {
                username
              }
            }
            lastMessage {
              id
              seq
              body
              createdAt
              author {
                username
                displayName
              }
              reactions {
                emoji
                count
              }
            }
            ... on Room { ${ROOM_FIELDS} }
            ... on DirectConversation { participants { username displayName } }
          }
        }
      }
    }
  }
`;

const ROOMS = /* GraphQL */ `
  query Rooms($search: String) {
    rooms(first: 100, search: $search) {
      edges {
        node { ${ROOM_FIELDS} viewerMembership { role } unreadCount lastMessage { body author { username } } }
      }
    }
  }
`;

const MEMBERS = /* GraphQL */ `
  query Members($id: ID!) {
    node(id: $id) {
      ... on Room {
        ${ROOM_FIELDS}
        members(first: 100) {
          edges {
            node {
              id
              role
              joinedAt
              user {
                id
                username
                displayName
              }
            }
          }
        }
      }
    }
  }
`;

const SEARCH = /* GraphQL */ `
  query Search($sort: SearchSort) {
    searchMessages(
      query: "mess* -nothing"
      first: 50
      sort: $sort
      filter: { has: [REPLY], before: "2999-01-01T00:00:00Z" }
    ) {
      edges {
        highlights {
          start
          end
        }
        node {
          id
          body
          author {
            username
          }
          replyTo {
            body
            author {
              username
            }
          }
          reactions {
            emoji
            count
            viewerReacted
          }
        }
      }
    }
  }
`;

const USERS = /* GraphQL */ `
  {
    users(search: "perso", first: 50) {
      edges {
        node {
          id
          username
          displayName
        }
      }
    }
  }
`;

let statements: StatementCount;
let server: InProcess;

beforeAll(async () => {
  statements = countStatements();
  server = await startInProcess();
  await seedOn(server).user("ada").signsUp();
  await server.database.query(`
    INSERT INTO "User" (id, username, "usernameKey", "displayName")
    SELECT gen_random_uuid(), 'person-' || n, 'person-' || n, 'Person ' || n FROM generate_series(1, 200) n`);
  await server.database.query(`
    INSERT INTO "Conversation" (id, kind, visibility)
    SELECT ('10000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid,
           (CASE WHEN n % 10 = 0 THEN 'DIRECT' ELSE 'ROOM' END)::"ConversationKind",
           (CASE WHEN n % 10 = 0 THEN 'PRIVATE' ELSE 'PUBLIC' END)::"Visibility" FROM generate_series(1, ${CONVERSATIONS - 1}) n`);
  await server.database.query(`
    INSERT INTO "Room" ("conversationId", slug, name) SELECT c.id, 'room-' || c.id, 'Room ' || c.id FROM "Conversation" c
    WHERE c.kind = 'ROOM' ON CONFLICT DO NOTHING`);
  await server.database.query(`
    INSERT INTO "Direct" ("conversationId", "peopleKey") SELECT c.id, c.id::text FROM "Conversation" c WHERE c.kind = 'DIRECT'`);
  await server.database.query(`
    INSERT INTO "DirectPerson" ("conversationId", "userId")
    SELECT d."conversationId", u.id FROM "Direct" d JOIN "User" u ON u.username IN ('ada', 'person-1')`);
  await server.database.query(`
    INSERT INTO "Membership" (id, "conversationId", "userId", "joinedPosition")
    SELECT gen_random_uuid(), c.id, u.id, row_number() OVER ()
    FROM "Conversation" c CROSS JOIN "User" u WHERE u.username = 'ada' OR u.username ~ '^person-\\d?\\d$'
    ON CONFLICT DO NOTHING`);
  await server.database.query(`
    INSERT INTO "ConversationHead" ("conversationId", "lastSeq", counted, "memberCount", "lastActivityAt")
    SELECT c.id, ${MESSAGES}, ${MESSAGES}, 100, now() FROM "Conversation" c
    ON CONFLICT ("conversationId") DO UPDATE SET "lastSeq" = ${MESSAGES}, counted = ${MESSAGES}`);
  await server.database.query(`
    INSERT INTO "Message" (id, "conversationId", seq, position, "authorId", body)
    SELECT gen_random_uuid(), c.id, n, 0, u.id, 'message ' || n
    FROM "Conversation" c CROSS JOIN generate_series(1, ${MESSAGES}) n JOIN "User" u ON u.username = 'person-' || n`);
  await server.database.query(`
    UPDATE "Message" m SET "replyToId" = first.id FROM "Message" first
    WHERE first."conversationId" = m."conversationId" AND first.seq = 1 AND m.seq > 1`);
  await server.database.query(`
    INSERT INTO "Reaction" ("messageId", emoji, "userId")
    SELECT m.id, '🎉', u.id FROM "Message" m JOIN "User" u ON u.username IN ('person-1', 'person-2') WHERE m.seq % 5 = 0`);
  await server.database.query(`
    INSERT INTO "Event" (position, at, type, topic, "messageId")
    SELECT 1000000 + row_number() OVER (), now(), 'MESSAGE_SENT', m."conversationId", m.id FROM "Message" m WHERE m.seq = ${MESSAGES}`);
}, 60_000);

/** Background statements of an idle instance. */
const OWN =
  /UPDATE "SearchIndex"|^WITH told|FROM "Event" WHERE position > \$1 ORDER BY|^INSERT INTO "Session"/;

/**
 * Returns the minimum over several runs, because background statements can only add, with the statements
 * of that run.
 */
async function costOf<T>(
  document: string,
  variables: object,
  check: (data: T) => void,
): Promise<string[]> {
  let least: string[] = [];
  for (let turn = 0; turn < 4; turn += 1) {
    const asked = client(server).as(await newSession());
    // A booting client uses a session that the server has not cached.
    if (document !== BOOT) await asked.query("{ viewer { user { id } } }");
    statements.clear();
    const data = await asked.query<T>(document, { ...variables });
    const texts = statements.texts.filter((text) => !OWN.test(text));
    check(data);
    if (turn === 0 || texts.length < least.length) least = texts;
  }
  return least;
}

/** Inserts a new session of Ada's into the database and returns its token. */
async function newSession(): Promise<string> {
  const token = randomBytes(32).toString("base64url");
  await server.database.query(
    `INSERT INTO "Session" (id, "userId", "tokenHash", device, address, "expiresAt", "aliveUntil")
     SELECT gen_random_uuid(), id, $1, 'test', '', now() + interval '1 day', now() FROM "User" WHERE username = 'ada'`,
    [createHash("sha256").update(token).digest()],
  );
  return token;
}

interface List {
  edges: { node: Record<string, unknown> }[];
}

describe("the maximum number of SQL statements for", () => {
  test("the boot of a client with 500 conversations: at most 12", async () => {
    interface Boot {
      viewer: { conversations: List & { pageInfo: { hasNextPage: boolean } } };
    }
    const asked = await costOf<Boot>(BOOT, {}, ({ viewer: { conversations } }) => {
      expect(conversations.edges).toHaveLength(CONVERSATIONS);
      const directs = conversations.edges.filter(({ node }) => node["participants"] !== undefined);
      expect(directs).toHaveLength(Math.floor((CONVERSATIONS - 1) / 10));
      for (const { node } of directs) expect(node["participants"]).toHaveLength(2);
      for (const { node } of conversations.edges) {
        expect(node).toMatchObject({
          viewerMembership: { user: { username: "ada" } },
          lastMessage: { seq: MESSAGES, author: { username: `person-${MESSAGES}` } },
        });
      }
    });
    expect(asked.length, asked.join("\n")).toBeGreaterThan(3);
    expect(asked.length, asked.join("\n")).toBeLessThanOrEqual(12);
  });

  test.for([undefined, "room"])("a page of rooms, searching for %s: at most 8", async (search) => {
    const asked = await costOf<{ rooms: List }>(ROOMS, { search }, ({ rooms }) => {
      expect(rooms.edges).toHaveLength(100);
    });
    expect(asked.length, asked.join("\n")).toBeLessThanOrEqual(8);
  });

  test("a page of members with their users: at most 8", async () => {
    const id = Buffer.from("Conversation:10000000-0000-7000-8000-000000000001").toString("base64");
    const asked = await costOf<{ node: { members: List } }>(MEMBERS, { id }, ({ node }) => {
      expect(node.members.edges).toHaveLength(100);
    });
    expect(asked.length, asked.join("\n")).toBeLessThanOrEqual(8);
  });

  test.for(["NEWEST", "RELEVANCE"])(
    "a page of found messages, %s first: at most 8",
    async (sort) => {
      const asked = await costOf<{ searchMessages: List }>(
        SEARCH,
        { sort },
        ({ searchMessages }) => {
          expect(searchMessages.edges).toHaveLength(50);
        },
      );
      expect(asked.length, asked.join("\n")).toBeLessThanOrEqual(8);
    },
  );

  test("a page of found users: at most 2", async () => {
    const asked = await costOf<{ users: List }>(USERS, {}, ({ users }) => {
      expect(users.edges).toHaveLength(50);
    });
    expect(asked.length, asked.join("\n")).toBeLessThanOrEqual(2);
  });
});
