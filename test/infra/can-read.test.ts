import { randomUUID } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import type { ConversationAccess } from "../../server/domain/conversation/conversation.record.ts";
import { canDiscover, canRead } from "../../server/domain/conversation/conversation.policy.ts";
import {
  makeConversationStore,
  type ConversationStore,
} from "../../server/domain/conversation/conversation.store.ts";
import { makeDraftStore, type DraftStore } from "../../server/domain/draft/draft.store.ts";
import { makeMentionStore, type MentionStore } from "../../server/domain/message/mention.store.ts";
import {
  makeMessageReader,
  type MessageReader,
} from "../../server/domain/message/message-reader.store.ts";
import { makeRoomStore, type RoomStore } from "../../server/domain/room/room.store.ts";
import { makeThreadStore, type ThreadStore } from "../../server/domain/thread/thread.store.ts";
import { openDatabase, type Db } from "../../server/infra/database/database.ts";
import { product, type Combination } from "../kit/combinations.ts";
import { createDatabase, type TestDatabase } from "../kit/database.ts";
import { insertRows } from "../kit/insert-rows.ts";
import { onRelease } from "../kit/resources.ts";

const DAY = 86_400_000;

// Each viewer has one combination of the values of VIEWERS, in every conversation. The conversations have all
// combinations of the values of CONVERSATIONS, so that all combinations exist.
const VIEWERS = {
  membership: ["NONE", "FORMER", "MEMBER", "MODERATOR", "OWNER"],
  ban: ["NONE", "EXPIRED", "CURRENT", "PERMANENT"],
  isBlocked: [false, true],
} as const;
const CONVERSATIONS = {
  kind: ["ROOM", "DIRECT"],
  visibility: ["PUBLIC", "PRIVATE"],
  isArchived: [false, true],
} as const;

type Viewer = Combination<typeof VIEWERS> & { id: string };
type Conversation = Combination<typeof CONVERSATIONS> & {
  id: string;
  /** A message of a stranger that starts a thread and mentions every viewer. */
  messageId: string;
};

let postgres: TestDatabase;
let viewers: Viewer[];
let conversations: Conversation[];
let stores: {
  main: Db;
  conversation: ConversationStore;
  room: RoomStore;
  reader: MessageReader;
  mention: MentionStore;
  thread: ThreadStore;
  draft: DraftStore;
};

beforeAll(async () => {
  postgres = await createDatabase();
  const database = openDatabase({ url: postgres.url, size: 8 });
  onRelease(() => database.close());
  stores = {
    main: database.main,
    conversation: makeConversationStore(database),
    room: makeRoomStore(database),
    reader: makeMessageReader(database),
    mention: makeMentionStore(database),
    thread: makeThreadStore(database),
    draft: makeDraftStore(database),
  };
  viewers = product(VIEWERS).map((shape) => ({ ...shape, id: randomUUID() }));
  conversations = product(CONVERSATIONS)
    // A direct conversation is private.
    .filter(({ kind, visibility }) => kind === "ROOM" || visibility === "PRIVATE")
    .map((shape) => ({ ...shape, id: randomUUID(), messageId: randomUUID() }));
  await seed();
}, 60_000);

const insert = (table: string, rows: object[]): Promise<void> => insertRows(postgres, table, rows);

const pairs = (): { viewer: Viewer; conversation: Conversation }[] =>
  viewers.flatMap((viewer) => conversations.map((conversation) => ({ viewer, conversation })));

async function seed(): Promise<void> {
  const now = new Date();
  const stranger = randomUUID();
  await insert(
    "User",
    [stranger, ...viewers.map(({ id }) => id)].map((id) => ({
      ...{ id, username: id.slice(-12), usernameKey: id.slice(-12), displayName: "Viewer" },
      createdAt: now,
    })),
  );
  await insert(
    "Conversation",
    conversations.map(({ id, kind, visibility }) => ({ id, kind, visibility, createdAt: now })),
  );
  await insert(
    "ConversationHead",
    conversations.map(({ id, isArchived }) => ({
      ...{ conversationId: id, lastSeq: 1, counted: 1, lastActivityAt: now, memberCount: 1 },
      ...{ archivedAt: isArchived ? now : null, slowModeSeconds: 0 },
    })),
  );
  const rooms = conversations.filter(({ kind }) => kind === "ROOM");
  await insert(
    "Room",
    rooms.map(({ id }) => ({ conversationId: id, slug: id, name: "Room", isLobby: false })),
  );
  const directs = conversations.filter(({ kind }) => kind === "DIRECT");
  await insert(
    "Direct",
    directs.map(({ id }) => ({ conversationId: id, peopleKey: id })),
  );
  await insert(
    "DirectPerson",
    directs.flatMap(({ id }) =>
      viewers.map((viewer) => ({ conversationId: id, userId: viewer.id })),
    ),
  );
  await insertAccess(stranger, now);
  await insertMessages(stranger, now);
}

/** Inserts the memberships and the bans. */
async function insertAccess(stranger: string, now: Date): Promise<void> {
  await insert(
    "Membership",
    pairs()
      .filter(({ viewer }) => viewer.membership !== "NONE")
      .map(({ viewer: { id: userId, membership, isBlocked }, conversation }) => {
        const isFormer = membership === "FORMER";
        return {
          ...{ id: randomUUID(), conversationId: conversation.id, userId },
          ...{ joinedAt: now, joinedPosition: 0, role: isFormer ? "MEMBER" : membership },
          ...{ leftPosition: isFormer ? 1 : null, leftAt: isFormer ? now : null },
          ...{ lastReadSeq: 0, readCounted: 0, lastDeliveredSeq: 0, markRevision: 0 },
          ...{ blocked: isBlocked, notificationLevel: "ALL" },
        };
      }),
  );
  const ends = { CURRENT: DAY, EXPIRED: -DAY };
  await insert(
    "Ban",
    pairs().flatMap(({ viewer: { id: userId, ban }, conversation }) =>
      ban === "NONE"
        ? []
        : {
            ...{ id: randomUUID(), conversationId: conversation.id, userId, bannedById: stranger },
            ...{ createdAt: now },
            until: ban === "PERMANENT" ? null : new Date(now.getTime() + ends[ban]),
          },
    ),
  );
}

/** Inserts into each conversation a message, its thread, and the viewers' mentions, follows and drafts. */
async function insertMessages(stranger: string, now: Date): Promise<void> {
  await insert(
    "Message",
    conversations.map(({ id: conversationId, messageId: id }, index) => ({
      ...{ id, conversationId, seq: 1, position: index + 1, authorId: stranger, kind: "TEXT" },
      ...{ body: "A message", createdAt: now },
    })),
  );
  await insert(
    "Thread",
    conversations.map(({ id: conversationId, messageId: rootId }) => ({
      ...{ rootId, conversationId, replyCount: 1, lastReplyAt: now },
    })),
  );
  await insert(
    "ThreadFollow",
    pairs().map(({ viewer, conversation }) => ({
      ...{ userId: viewer.id, rootId: conversation.messageId, following: true },
    })),
  );
  await insert(
    "Mention",
    pairs().map(({ viewer, conversation }) => ({
      ...{ messageId: conversation.messageId, userId: viewer.id },
      ...{ conversationId: conversation.id, seq: 1 },
    })),
  );
  await insert(
    "Draft",
    pairs().map(({ viewer, conversation: { id: conversationId } }, index) => ({
      ...{ id: randomUUID(), userId: viewer.id, placeId: conversationId, conversationId },
      ...{ body: "A draft", updatedAt: now, position: index + 1 },
    })),
  );
}

/** Converts the rows of a viewer and a conversation to the input of the policy. */
function accessOf(viewer: Viewer, { visibility }: Conversation): ConversationAccess {
  return {
    visibility,
    isMember: viewer.membership !== "NONE" && viewer.membership !== "FORMER",
    isBanned: viewer.ban === "CURRENT" || viewer.ban === "PERMANENT",
  };
}

const ALL = { before: undefined, after: undefined, limit: 1_000, inverted: false };

/** Reads as every viewer. Returns the differences from the conversations that the policy allows. */
async function differences(
  read: (viewerId: string) => Promise<readonly string[]>,
  isAllowed: (access: ConversationAccess, conversation: Conversation) => boolean,
  among = viewers,
): Promise<object[]> {
  const found: object[] = [];
  for (const viewer of among) {
    const ids = new Set(await read(viewer.id));
    for (const conversation of conversations) {
      const policy = isAllowed(accessOf(viewer, conversation), conversation);
      const sql = ids.has(conversation.id);
      if (sql !== policy) found.push({ ...viewer, ...conversation, sql, policy });
    }
  }
  return found;
}

/** Reads as every viewer. Returns the differences from the inputs of the policy, for all conversations. */
async function accessDifferences(
  read: (viewerId: string) => Promise<readonly (ConversationAccess & { conversationId: string })[]>,
): Promise<object[]> {
  const found: object[] = [];
  for (const viewer of viewers) {
    const rows = new Map((await read(viewer.id)).map((row) => [row.conversationId, row]));
    for (const conversation of conversations) {
      const policy = accessOf(viewer, conversation);
      const row = rows.get(conversation.id);
      const sql = row && {
        ...{ visibility: row.visibility, isMember: row.isMember, isBanned: row.isBanned },
      };
      if (JSON.stringify(sql) !== JSON.stringify(policy))
        found.push({ ...viewer, ...conversation, sql, policy });
    }
  }
  return found;
}

const allIds = (): string[] => conversations.map(({ id }) => id);

test("the combinations contain each outcome of canDiscover and canRead", () => {
  const outcomes = pairs().map(({ viewer, conversation }) => {
    const access = accessOf(viewer, conversation);
    return `${String(canDiscover(access))} ${String(canRead(access))}`;
  });
  expect([...new Set(outcomes)].sort()).toEqual(["false false", "true false", "true true"]);
});

test("the lists of rooms contain the rooms that canDiscover allows", async () => {
  for (const isArchived of CONVERSATIONS.isArchived) {
    const query = { ...ALL, search: null, archived: isArchived, sort: "NAME" } as const;
    const wrong = await differences(
      async (viewerId) => (await stores.room.page(viewerId, query)).map(({ id }) => id),
      (access, conversation) =>
        conversation.kind === "ROOM" &&
        conversation.isArchived === isArchived &&
        canDiscover(access),
    );
    expect(wrong).toEqual([]);
  }
});

test("the scope of a search contains the conversations that canDiscover and canRead allow", async () => {
  const ids = (scope: { conversationId: string }[]): string[] =>
    scope.map(({ conversationId }) => conversationId);
  const scopeOf = (viewerId: string) => stores.conversation.readable(viewerId, null);
  expect(await differences(async (id) => ids(await scopeOf(id)), canDiscover)).toEqual([]);
  const readable = async (id: string): Promise<string[]> =>
    ids((await scopeOf(id)).filter(canRead));
  expect(await differences(readable, canRead)).toEqual([]);
});

test("the conversation store reads the inputs of the policy", async () => {
  const { access, readable, findWithAccess } = stores.conversation;
  expect(await accessDifferences((viewerId) => access(viewerId, allIds()))).toEqual([]);
  expect(await accessDifferences((viewerId) => readable(viewerId, allIds()))).toEqual([]);
  const wrong = await accessDifferences(async (viewerId) =>
    (await findWithAccess(viewerId, allIds())).map((found) => found.access),
  );
  expect(wrong).toEqual([]);
});

test("the message reader reads the inputs of the policy for messages by id", async () => {
  const wrong = await accessDifferences(async (viewerId) => {
    const ids = conversations.map(({ messageId }) => messageId);
    const found = await stores.reader.readWithAccess(viewerId, ids);
    return found.map(({ message, access }) => ({
      ...access,
      conversationId: message.conversationId,
    }));
  });
  expect(wrong).toEqual([]);
});

test("the message reader reads the inputs of the policy for pages, with and without messages", async () => {
  for (const page of [ALL, { ...ALL, after: 1 }]) {
    const wrong = await accessDifferences((viewerId) =>
      Promise.all(
        conversations.map(async ({ id: conversationId }) => {
          const found = await stores.reader.readPage(viewerId, conversationId, page);
          if (found === null) throw new Error("The conversation has no page");
          expect(found.messages).toHaveLength(page.after === undefined ? 1 : 0);
          return { ...found.access, conversationId };
        }),
      ),
    );
    expect(wrong).toEqual([]);
  }
});

test("the topics, conversations, mentions, threads and drafts of a member agree with canRead", async () => {
  // Left out: members with a ban in force. These statements select by membership alone. A ban ends the
  // membership in the same unit and prevents a new one, so the service never stores such members.
  const consistent = viewers.filter(
    ({ membership, ban }) =>
      membership === "NONE" || membership === "FORMER" || ban === "NONE" || ban === "EXPIRED",
  );
  const conversationOf = new Map(conversations.map(({ id, messageId }) => [messageId, id]));
  const lists: Record<string, (viewerId: string) => Promise<readonly string[]>> = {
    topics: async (viewerId) =>
      (await stores.conversation.topicsOf(stores.main, [viewerId])).map(([, topic]) => topic),
    conversations: async (viewerId) =>
      (await stores.conversation.pageOf(viewerId, null, ALL)).map(({ id }) => id),
    mentions: async (viewerId) =>
      (await stores.mention.page(viewerId, ALL)).map(({ message }) => message.conversationId),
    threads: async (viewerId) =>
      (await stores.thread.followedBy(viewerId, ALL)).map(
        ({ rootId }) => conversationOf.get(rootId) ?? "",
      ),
    drafts: async (viewerId) =>
      (await stores.draft.page(viewerId, ALL)).map(({ conversationId }) => conversationId),
  };
  for (const [list, read] of Object.entries(lists)) {
    const wrong = await differences(
      read,
      (access) => access.isMember && canRead(access),
      consistent,
    );
    expect(wrong, list).toEqual([]);
  }
});

test("the access in the list of a member's conversations equals the inputs of the policy", async () => {
  // Left out: members with a ban in force, as above.
  for (const viewer of viewers.filter(({ ban }) => ban === "NONE" || ban === "EXPIRED")) {
    const rows = await stores.conversation.pageOf(viewer.id, null, ALL);
    for (const { access } of rows) {
      const conversation = conversations.find(({ id }) => id === access.conversationId);
      if (conversation === undefined) throw new Error("The list has an unknown conversation");
      expect(access).toMatchObject(accessOf(viewer, conversation));
    }
  }
});
