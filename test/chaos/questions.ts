import type { TestClient, Variables } from "../kit/client.ts";
import type { Room } from "../kit/documents.ts";
import { UNREAD, type UnreadData } from "../kit/receipt-documents.ts";
import type { History, Read, ObservedEvent } from "./history.ts";
import type { RoughPostgres } from "./postgres.ts";
import { rawId } from "./wire.ts";

const PAGE = 20;
const WHOLE_PAGE = 100;

const HISTORY = /* GraphQL */ `
  query History($id: ID!, $last: Int!, $before: String) {
    node(id: $id) {
      ... on Conversation {
        lastSeq
        messages(last: $last, before: $before) {
          edges {
            node {
              id
              seq
              clientId
            }
          }
          pageInfo {
            hasPreviousPage
            startCursor
          }
        }
      }
    }
  }
`;

interface HistoryData {
  node: {
    lastSeq: number;
    messages: {
      edges: { node: { id: string; seq: number; clientId: string | null } }[];
      pageInfo: { hasPreviousPage: boolean; startCursor: string | null };
    };
  } | null;
}

/** The user who reads. */
export interface Reader {
  person: string;
  client: TestClient;
}

/** Reads the newest page. @returns null if the user may not read the room */
export async function readPage(
  { person, client }: Reader,
  instance: string,
  room: Room,
  history: History,
): Promise<Read | null> {
  const asked = history.now;
  const { node } = await client.query<HistoryData>(HISTORY, { id: room.id, last: PAGE });
  if (node === null || node.messages.edges.length === 0) return null;
  const conversation = rawId(room.id);
  const whose = { kind: "read", person, conversation, instance, asked, whole: false } as const;
  return { ...whose, lastSeq: node.lastSeq, messages: messagesOf(node) };
}

/** Reads the whole history, page by page. */
export async function readWhole(
  { person, client }: Reader,
  instance: string,
  room: Room,
  history: History,
): Promise<Read> {
  const asked = history.now;
  const pages: Read["messages"][] = [];
  let lastSeq = 0;
  let before: string | null = null;
  for (;;) {
    const variables: Variables = { id: room.id, last: WHOLE_PAGE, before };
    const { node }: HistoryData = await client.query<HistoryData>(HISTORY, variables);
    if (node === null) throw new Error(`${room.name} may not be read`);
    pages.unshift(messagesOf(node));
    lastSeq = Math.max(lastSeq, node.lastSeq);
    before = node.messages.pageInfo.startCursor;
    if (!node.messages.pageInfo.hasPreviousPage) break;
  }
  const conversation = rawId(room.id);
  const whose = { kind: "read", person, conversation, instance, asked, whole: true } as const;
  return { ...whose, lastSeq, messages: pages.flat() };
}

function messagesOf(node: NonNullable<HistoryData["node"]>): Read["messages"] {
  return node.messages.edges.map(({ node: { id, seq, clientId } }) => ({
    message: rawId(id),
    seq,
    clientId,
  }));
}

/** Records a user's stored and recounted unread messages and mentions. */
export async function askUnread({ person, client }: Reader, history: History): Promise<void> {
  const { viewer } = await client.query<UnreadData>(UNREAD, { first: 100 });
  for (const { node } of viewer.unreadAudit.edges) {
    const whose = { kind: "unread", person, conversation: rawId(node.conversationId) } as const;
    history.add({ ...whose, kept: node.unreadCount, recounted: node.unreadRecount });
    history.add({ ...whose, kept: node.unreadMentionCount, recounted: node.unreadMentionRecount });
  }
}

const PRESENCE = /* GraphQL */ `
  query Presence($id: ID!) {
    node(id: $id) {
      ... on User {
        presence {
          status
        }
      }
    }
  }
`;

/** Records and returns a user's presence according to an instance. */
export async function askPresence(
  { client }: Reader,
  instance: string,
  whom: { id: string; globalId: string },
  history: History,
): Promise<string> {
  const asked = history.now;
  const { node } = await client.query<{ node: { presence: { status: string } } }>(PRESENCE, {
    id: whom.globalId,
  });
  const { status } = node.presence;
  history.add({ kind: "seen", person: whom.id, instance, asked, status });
  return status;
}

interface LogRow {
  position: number;
  type: string;
  topic: string;
  conversation: string | null;
  message: string | null;
  seq: number | null;
  clientId: string | null;
  author: string | null;
  subject: string | null;
  session: string | null;
}

/** Records the whole log, read from the database. */
export async function readLog(postgres: RoughPostgres, history: History): Promise<void> {
  const rows = await postgres.query<LogRow>(
    `SELECT e.position::int, e.type, e.topic, e."messageId" AS message, m.seq, m."clientId",
            m."authorId" AS author, e.payload ->> 'sessionId' AS session,
            CASE WHEN m.id IS NOT NULL OR e.type IN ('MEMBER_JOINED', 'MEMBERSHIP_CHANGED') THEN e.topic::text
                 WHEN e.type = 'MEMBER_LEFT' THEN e.payload ->> 'conversationId' END AS conversation,
            CASE WHEN e.type LIKE 'MEMBER%' THEN
              coalesce(e.payload #>> '{user,personId}', e.payload #>> '{membership,user,personId}')
            END AS subject
     FROM "Event" e LEFT JOIN "Message" m ON m.id = e."messageId" ORDER BY e.position`,
  );
  for (const { topic, ...row } of rows) {
    const isSent = row.type === "MESSAGE_SENT";
    const observed: ObservedEvent = { position: row.position, type: nameOf(row.type) };
    if (row.conversation !== null) observed.conversation = row.conversation;
    if (row.message !== null) observed.message = row.message;
    if (isSent && row.seq !== null) observed.seq = row.seq;
    if (isSent && row.clientId !== null) observed.clientId = row.clientId;
    if (isSent && row.author !== null) observed.author = row.author;
    if (row.subject !== null) observed.subject = row.subject;
    if (row.session !== null) observed.session = row.session;
    history.add({ kind: "logged", topic, ...observed });
  }
}

/** Converts an event type such as `MESSAGE_SENT` to its API name. */
function nameOf(type: string): string {
  return type
    .toLowerCase()
    .replaceAll(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
