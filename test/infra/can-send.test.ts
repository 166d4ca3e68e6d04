import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { canSend, type SendSituation } from "../../server/domain/message/message.policy.ts";
import { product, type Combination } from "../kit/combinations.ts";
import { createDatabase } from "../kit/database.ts";
import { insertRows } from "../kit/insert-rows.ts";

const SLOW_SECONDS = 600;
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

// The values of each input. Each author has one combination of the values of AUTHORS, and each batch of
// messages has one combination of the values of MESSAGES, so that all combinations are sent.
const AUTHORS = {
  membership: ["NONE", "FORMER", "MEMBER", "MODERATOR", "OWNER"],
  isBlocked: [false, true],
  mute: ["NONE", "PAST", "CURRENT"],
  lastSent: ["NEVER", "LONG_AGO", "RECENTLY"],
  isArchived: [false, true],
  slowModeSeconds: [0, SLOW_SECONDS],
} as const;
const MESSAGES = {
  isDuplicate: [false, true],
  replyTo: ["NONE", "UNKNOWN", "DELETED", "PLAIN"],
  threadRoot: [
    ...["NONE", "UNKNOWN", "IN_THREAD", "SYSTEM"],
    ...["DELETED", "DELETED_WITH_REPLIES", "PLAIN", "WITH_REPLIES"],
  ],
  file: ["NONE", "READY", "USED"],
} as const;
/** Further values with the same meaning to the policy as a value of MESSAGES; each has one batch. */
const SAME_MEANING = {
  replyTo: ["ELSEWHERE"],
  threadRoot: ["ELSEWHERE"],
  file: ["UNKNOWN", "RECEIVING", "PICTURE", "FOREIGN", "READY_AND_USED"],
} as const;

interface MessageShape {
  isDuplicate: boolean;
  replyTo: string;
  threadRoot: string;
  file: string;
}

const PLAIN: MessageShape = {
  isDuplicate: false,
  replyTo: "NONE",
  threadRoot: "NONE",
  file: "NONE",
};

/** Ids of the messages that a conversation has, by the name of their value in MESSAGES. */
type Ids = Readonly<Record<string, string>>;

interface Author {
  id: string;
  shape: Combination<typeof AUTHORS>;
  conversationId: string;
  /** Messages of the conversation. */
  messages: Ids;
  /** The author's files. */
  files: Ids;
  /** The `clientId` of a message that the author sent in another conversation. */
  sentClientId: string;
}

/** A message of another conversation, to which every author has sent. */
const elsewhere = { conversationId: randomUUID(), messageId: randomUUID() };
let authors: Author[];
let client: pg.Client;
let now: Date;

beforeAll(async () => {
  const database = await createDatabase();
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
  now = new Date();
  await seed();
}, 60_000);

afterAll(() => client.end());

const ids = (names: readonly string[]): Ids =>
  Object.fromEntries(names.map((name) => [name, randomUUID()]));

const insert = (table: string, rows: object[]): Promise<void> => insertRows(client, table, rows);

async function seed(): Promise<void> {
  const conversations = new Map(
    product({ archived: AUTHORS.isArchived, slow: AUTHORS.slowModeSeconds }).map((head) => [
      `${String(head.archived)} ${String(head.slow)}`,
      { ...head, id: randomUUID(), messages: ids([...MESSAGES.replyTo, ...MESSAGES.threadRoot]) },
    ]),
  );
  authors = product(AUTHORS).map((shape) => {
    const found = conversations.get(`${String(shape.isArchived)} ${String(shape.slowModeSeconds)}`);
    if (found === undefined) throw new Error("No conversation has these values");
    const { id: conversationId, messages } = found;
    const rest = {
      files: ids(["READY", "RECEIVING", "USED", "PICTURE", "FOREIGN"]),
      sentClientId: randomUUID(),
    };
    return { id: randomUUID(), shape, conversationId, messages, ...rest };
  });
  const stranger = randomUUID();
  await insert(
    "User",
    [stranger, ...authors.map(({ id }) => id)].map((id) => ({
      ...{ id, username: id.slice(-12), usernameKey: id.slice(-12), displayName: "Author" },
      createdAt: now,
    })),
  );
  const places = [
    ...[...conversations.values()].map(({ id, archived, slow }) => ({ id, archived, slow })),
    { id: elsewhere.conversationId, archived: false, slow: 0 },
  ];
  await insert(
    "Conversation",
    places.map(({ id }) => ({ id, kind: "ROOM", visibility: "PUBLIC", createdAt: now })),
  );
  await insert(
    "ConversationHead",
    places.map(({ id, archived, slow }) => ({
      ...{ conversationId: id, lastSeq: 1_000, counted: 1_000, lastActivityAt: now },
      ...{ memberCount: 1, archivedAt: archived ? now : null, slowModeSeconds: slow },
    })),
  );
  await insertMemberships();
  await insertMessages(stranger, [...conversations.values()]);
  await insertFiles(stranger);
}

async function insertMemberships(): Promise<void> {
  const members = authors.filter(({ shape }) => shape.membership !== "NONE");
  await insert(
    "Membership",
    members.map(({ id: userId, conversationId, shape }) => {
      const isFormer = shape.membership === "FORMER";
      return {
        ...{ id: randomUUID(), conversationId, userId, joinedAt: now, joinedPosition: 0 },
        ...{ leftPosition: isFormer ? 1 : null, leftAt: isFormer ? now : null },
        ...{ lastReadSeq: 0, readCounted: 0, lastDeliveredSeq: 0, markRevision: 0 },
        ...{ role: isFormer ? "MEMBER" : shape.membership, blocked: shape.isBlocked },
        ...{ lastSentAt: lastSentAt(shape.lastSent), mutedUntil: mutedUntil(shape.mute) },
        notificationLevel: "ALL",
      };
    }),
  );
}

async function insertMessages(
  stranger: string,
  conversations: { id: string; messages: Ids }[],
): Promise<void> {
  let seq = 0;
  const message = (conversationId: string, id: string | undefined): object => ({
    ...{ id, conversationId, seq: ++seq, position: 0, authorId: stranger, clientId: null },
    ...{ kind: "TEXT", body: "A message", createdAt: now, deletedAt: null, threadRootId: null },
  });
  const own = conversations.flatMap(({ id, messages }) => [
    message(id, messages.PLAIN),
    message(id, messages.WITH_REPLIES),
    { ...message(id, messages.DELETED), deletedAt: now },
    { ...message(id, messages.DELETED_WITH_REPLIES), deletedAt: now },
    { ...message(id, messages.SYSTEM), kind: "SYSTEM" },
    { ...message(id, messages.IN_THREAD), threadRootId: messages.WITH_REPLIES },
  ]);
  const away = authors.map(({ id, sentClientId }) => ({
    ...message(elsewhere.conversationId, randomUUID()),
    ...{ authorId: id, clientId: sentClientId },
  }));
  await insert("Message", [
    message(elsewhere.conversationId, elsewhere.messageId),
    ...[...own, ...away],
  ]);
  await insert(
    "Thread",
    conversations.flatMap(({ id, messages }) =>
      [messages.WITH_REPLIES, messages.DELETED_WITH_REPLIES].map((rootId) => ({
        ...{ rootId, conversationId: id, replyCount: 1, lastReplyAt: now },
      })),
    ),
  );
}

async function insertFiles(stranger: string): Promise<void> {
  await insert(
    "Upload",
    authors.flatMap(({ id: ownerId, files }) => {
      const file = (name: string, change: object = {}): object => ({
        ...{ id: files[name], ownerId, purpose: "MESSAGE", state: "READY", name, createdAt: now },
        ...{ size: 1, received: 1, parts: [], partBytes: 1, ...change },
      });
      return [
        file("READY"),
        file("RECEIVING", { state: "RECEIVING" }),
        file("USED", { state: "USED" }),
        file("PICTURE", { purpose: "PICTURE" }),
        file("FOREIGN", { ownerId: stranger }),
      ];
    }),
  );
}

function lastSentAt(value: Author["shape"]["lastSent"]): Date | null {
  if (value === "NEVER") return null;
  return new Date(now.getTime() - (value === "RECENTLY" ? MINUTE : DAY));
}

function mutedUntil(value: Author["shape"]["mute"]): Date | null {
  if (value === "NONE") return null;
  return new Date(now.getTime() + (value === "CURRENT" ? DAY : -DAY));
}

/** Converts the rows of an author and a message to the input of the policy. */
function situationOf({ shape }: Author, message: MessageShape): SendSituation {
  const { membership, isBlocked, isArchived, slowModeSeconds } = shape;
  const { isDuplicate, replyTo, threadRoot, file } = message;
  return {
    ...{ isDuplicate, isBlocked, isArchived, slowModeSeconds },
    role: membership === "NONE" || membership === "FORMER" ? null : membership,
    mutedUntil: mutedUntil(shape.mute),
    lastSentAt: lastSentAt(shape.lastSent),
    replyTo: isAbsent(replyTo)
      ? "ABSENT"
      : replyTo === "NONE"
        ? null
        : { isDeleted: replyTo === "DELETED" },
    threadRoot: isAbsent(threadRoot)
      ? "ABSENT"
      : threadRoot === "NONE"
        ? null
        : {
            isSystem: threadRoot === "SYSTEM",
            isInThread: threadRoot === "IN_THREAD",
            isDeleted: threadRoot.startsWith("DELETED"),
            hasReplies: threadRoot.endsWith("WITH_REPLIES"),
          },
    areFilesUsable: file === "NONE" || file === "READY",
  };
}

const isAbsent = (value: string): boolean => value === "UNKNOWN" || value === "ELSEWHERE";

function messageId({ messages }: Author, value: string): string | null {
  if (value === "NONE") return null;
  return value === "ELSEWHERE" ? elsewhere.messageId : (messages[value] ?? randomUUID());
}

function extraOf(author: Author, { threadRoot, file }: MessageShape): string | null {
  if (threadRoot === "NONE" && file === "NONE") return null;
  const names = file === "READY_AND_USED" ? ["READY", "USED"] : file === "NONE" ? [] : [file];
  return JSON.stringify({
    thread: messageId(author, threadRoot),
    ...{ mentions: null, targets: [] },
    ...(names.length === 0
      ? {}
      : { attachments: names.map((name) => ({ id: author.files[name] ?? randomUUID() })) }),
  });
}

const BATCH = "SELECT status FROM log_append_messages($1, $2, $3, $4, $5, $6, $7) ORDER BY ord";
const ONE_BY_ONE = `
  SELECT appended.status
  FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::uuid[], $7::jsonb[])
    WITH ORDINALITY AS u (id, conversation, author, client, body, reply, extra, nth)
  CROSS JOIN LATERAL log_append_message(
    ARRAY[u.id], ARRAY[u.conversation], ARRAY[u.author], ARRAY[u.client], ARRAY[u.body], ARRAY[u.reply], ARRAY[u.extra]
  ) appended ORDER BY u.nth`;

/** Sends a message of this shape as each author and rolls back. Returns the outcomes. */
async function outcomes(sql: string, shape: MessageShape): Promise<string[]> {
  await client.query("BEGIN");
  try {
    const { rows } = await client.query<{ status: string }>(sql, [
      authors.map(() => randomUUID()),
      authors.map(({ conversationId }) => conversationId),
      authors.map(({ id }) => id),
      authors.map(({ sentClientId }) => (shape.isDuplicate ? sentClientId : randomUUID())),
      authors.map(() => "A message"),
      authors.map((author) => messageId(author, shape.replyTo)),
      authors.map((author) => extraOf(author, shape)),
    ]);
    return rows.map(({ status }) => status);
  } finally {
    await client.query("ROLLBACK");
  }
}

/** Compares the outcomes of all authors with the policy. Returns the outcomes. */
async function expectAgreement(sql: string, shape: MessageShape): Promise<string[]> {
  const stored = await outcomes(sql, shape);
  expect(stored).toHaveLength(authors.length);
  const wrong = authors.flatMap((author, index) => {
    const expected = canSend(situationOf(author, shape), now.getTime());
    return stored[index] === expected
      ? []
      : [{ ...author.shape, ...shape, sql: stored[index], policy: expected }];
  });
  expect(wrong).toEqual([]);
  return stored;
}

test("the SQL function for batches agrees with canSend in every situation", async () => {
  const seen = new Set<string>();
  for (const shape of product(MESSAGES))
    for (const outcome of await expectAgreement(BATCH, shape)) seen.add(outcome);
  expect([...seen].sort()).toEqual([
    "ARCHIVED",
    "BLOCKED",
    "DUPLICATE",
    "MUTED",
    "NOT_A_MEMBER",
    "NO_SUCH_FILE",
    "NO_SUCH_REPLY",
    "NO_SUCH_THREAD",
    "REPLY_DELETED",
    "SENT",
    "SLOW_MODE",
  ]);
}, 60_000);

test("the SQL function for batches agrees with canSend on every form of absent messages and files", async () => {
  for (const [input, values] of Object.entries(SAME_MEANING))
    for (const value of values) await expectAgreement(BATCH, { ...PLAIN, [input]: value });
});

test("the SQL function for one message agrees with canSend on plain messages", async () => {
  for (const isDuplicate of MESSAGES.isDuplicate)
    await expectAgreement(ONE_BY_ONE, { ...PLAIN, isDuplicate });
});
