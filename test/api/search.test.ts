import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createDatabase, type TestDatabase } from "../kit/database.ts";
import type { Room } from "../kit/documents.ts";
import { eventually } from "../kit/eventually.ts";
import { picture } from "../kit/pictures.ts";
import { seedOn, type Actor, type Seed } from "../kit/seed.ts";
import { startServer, type TestServer } from "../kit/server.ts";
import { sendsFiles, uploads } from "../kit/uploads.ts";

const SEARCH = /* GraphQL */ `
  query Search(
    $query: String!
    $filter: MessageFilter
    $sort: SearchSort
    $first: Int
    $after: String
  ) {
    searchMessages(query: $query, filter: $filter, sort: $sort, first: $first, after: $after) {
      pageInfo {
        hasNextPage
        endCursor
      }
      edges {
        cursor
        highlights {
          start
          end
        }
        node {
          id
          body
          deletedAt
        }
      }
    }
  }
`;

interface Found {
  searchMessages: {
    pageInfo: { hasNextPage: boolean; endCursor: string | null };
    edges: {
      cursor: string;
      highlights: { start: number; end: number }[];
      node: { id: string; body: string; deletedAt: string | null };
    }[];
  };
}

interface Narrowed {
  filter?: Record<string, unknown>;
  sort?: "RELEVANCE" | "NEWEST";
  first?: number;
  after?: string | null;
}

let database: TestDatabase;
let server: TestServer;
let seed: Seed;
let ada: Actor;
let bob: Actor;
let room: Room;
let rooms = 0;

beforeAll(async () => {
  database = await createDatabase();
  server = await startServer({ databaseUrl: database.url, env: { PAGE_SIZE_MAX: "30" } });
  seed = seedOn(server);
  [ada, bob] = [seed.user("ada"), seed.user("bob")];
});

beforeEach(async () => {
  rooms += 1;
  room = await ada.createsRoom(`Room ${rooms}`, { visibility: "PRIVATE" });
});

async function search(who: Actor, query: string, narrowed: Narrowed = {}) {
  return (await who.query<Found>(SEARCH, { query, ...narrowed })).searchMessages;
}

/** Returns the texts found in the test's own room, in order. */
async function bodies(query: string, narrowed: Narrowed = {}, who = ada): Promise<string[]> {
  const filter = { in: [room.id], ...narrowed.filter };
  const { edges } = await search(who, query, { first: 30, ...narrowed, filter });
  return edges.map(({ node }) => node.body);
}

/** Waits until all messages are indexed, so that search does not find them only as recent ones. */
async function indexed(): Promise<void> {
  await eventually(
    async () => {
      const [row] = await database.query<{ behind: boolean }>(
        `SELECT s.position < h.position OR s."filledTo" IS NOT NULL AS behind FROM "SearchIndex" s, "LogHead" h`,
      );
      return row?.behind === false;
    },
    { what: "the index to follow the log" },
  );
}

/** Each case runs on recent changes that are not indexed yet, and on the index. */
const STATES = [
  ["just said", () => Promise.resolve()],
  ["indexed", indexed],
] as const;

describe.for(STATES)("a %s message is found", ([, settle]) => {
  test.for<[string, string, string[], string[]]>([
    ["by a word", "tea", ["Tea for two"], ["Teapot", "coffee"]],
    ["by all words", "tea two", ["two cups of tea"], ["tea", "two"]],
    ["by a phrase", '"green tea"', ["a green tea, please"], ["tea, green", "green and tea"]],
    ["by a phrase without its closing quotation mark", '"green tea', ["green tea"], ["tea green"]],
    ["by a prefix", "hel*", ["Hello", "help!", "HELL"], ["shell", "he"]],
    ["by a prefix of the last word only", "foo-ba*", ["foo bar", "foo-baz"], ["foobar", "bar foo"]],
    ["without a word", "tea -milk", ["tea"], ["tea with milk"]],
    ["without a phrase", 'tea -"no milk"', ["milk tea, no"], ["tea, no milk"]],
    ["in any case and accent", "CAFE strasse", ["Café in der Straße"], ["cage"]],
    ["by a word with an accent that the message lacks", "café", ["cafe"], ["coffee"]],
    ["with joined letters", "office", ["oﬃce"], []],
    ["by an emoji", "🎉", ["done 🎉"], ["done 🎊"]],
    ["in Russian", "привет", ["Привет, мир"], ["мир"]],
    ["in Chinese, inside a sentence", "手机", ["我的手机坏了"], ["手和机"]],
    ["in Japanese, by one character", "京", ["東京都", "京"], ["東都"]],
    ["in Korean, without its ending", "서울", ["서울에서 왔어요"], ["서 울"]],
    ["in Thai", "สวัสดี", ["สวัสดีครับ"], ["ครับ"]],
    ["in Arabic, with or without vowels", "محمد", ["قال مُحَمَّد"], ["قال"]],
    ["in Hindi", "नमस्ते", ["नमस्ते दुनिया"], ["नम"]],
    [
      "by a part of an address",
      "example.org",
      ["see https://example.org/tea"],
      ["example org mode".slice(0, 7)],
    ],
  ])("%s: %s", async ([, query, hits, misses]) => {
    for (const body of [...hits, ...misses]) await ada.says(room, body);
    await settle();
    expect((await bodies(query)).sort()).toEqual([...hits].sort());
  });

  test("if it matches the requested filters, and only then", async () => {
    await bob.query("{ viewer { user { id } } }");
    const open = await ada.createsRoom(`Open ${rooms} ${Math.random()}`);
    await bob.joins(open);
    const first = await ada.says(open, "filtered plain");
    const link = await bob.says(open, "filtered https://example.org");
    const reply = await bob.says(open, "filtered reply", { replyToId: first.id });
    const liked = await ada.says(open, "filtered liked");
    const pinned = await ada.says(open, "filtered pinned");
    const files = [
      await uploads(bob, "paper.pdf", Buffer.from("%PDF-1.7\nfiltered")),
      await uploads(bob, "view.png", await picture("png")),
    ];
    for (const { id } of files) await sendsFiles(bob, open, [id], { body: "filtered file" });
    await ada.says(room, "filtered elsewhere");
    await bob.reacts(liked, "🎉");
    await ada.pins(pinned);
    await settle();
    const found = async (filter: object): Promise<string[]> =>
      (await search(ada, "filtered", { filter: { in: [open.id], ...filter }, first: 30 })).edges
        .map(({ node }) => node.body.slice(9))
        .reverse();
    const { user: bobs } = await bob.signsUp();
    const { user: adas } = await ada.signsUp();
    expect(await found({})).toEqual([
      "plain",
      "https://example.org",
      "reply",
      "liked",
      "pinned",
      "file",
      "file",
    ]);
    expect(await found({ in: [room.id] })).toEqual(["elsewhere"]);
    expect(await found({ in: [] })).toEqual([]);
    expect(await found({ from: [bobs.id] })).toEqual([
      "https://example.org",
      "reply",
      "file",
      "file",
    ]);
    expect(await found({ from: [bobs.id, adas.id] })).toHaveLength(7);
    expect(await found({ has: ["LINK"] })).toEqual(["https://example.org"]);
    expect(await found({ has: ["REPLY"] })).toEqual(["reply"]);
    expect(await found({ has: ["REACTION"] })).toEqual(["liked"]);
    expect(await found({ has: ["PIN"] })).toEqual(["pinned"]);
    expect(await found({ has: ["FILE"] })).toEqual(["file", "file"]);
    expect(await found({ has: ["PICTURE"] })).toEqual(["file"]);
    expect(await found({ has: ["LINK", "REPLY"] })).toEqual([]);
    expect(await found({ before: link.createdAt })).toEqual(["plain"]);
    expect(await found({ after: reply.createdAt })).toEqual(["liked", "pinned", "file", "file"]);
    expect(await found({ after: first.createdAt, before: liked.createdAt })).toEqual([
      "https://example.org",
      "reply",
    ]);
    expect(await found({ before: "2001-01-01T00:00:00Z" })).toEqual([]);
    expect(await found({ after: "2999-01-01T00:00:00Z" })).toEqual([]);
    expect(await found({ before: "2999-01-01T00:00:00Z" })).toHaveLength(7);
    await bob.unreacts(liked, "🎉");
    await ada.unpins(pinned);
    await settle();
    expect(await found({ has: ["REACTION"] })).toEqual([]);
    expect(await found({ has: ["PIN"] })).toEqual([]);
    // Without words, only the filter applies.
    const { edges } = await search(ada, "", { filter: { in: [open.id], has: ["LINK"] } });
    expect(edges.map(({ node }) => node.id)).toEqual([link.id]);
  });

  test("in its current state: edited, deleted", async () => {
    const message = await ada.says(room, "formerly secret");
    const other = await ada.says(room, "formerly other");
    await settle();
    await ada.edits(message, "lately open");
    await ada.deletes(other);
    expect(await bodies("formerly")).toEqual([]);
    expect(await bodies("lately")).toEqual(["lately open"]);
    await settle();
    expect(await bodies("formerly")).toEqual([]);
    expect(await bodies("lately")).toEqual(["lately open"]);
  });
});

test("a deleted or edited text is removed from the index", async () => {
  const [one, two] = [await ada.says(room, "zanzibar"), await ada.says(room, "quagmire")];
  await indexed();
  const inIndex = async (word: string): Promise<unknown[]> =>
    database.query(`SELECT 1 FROM "MessageSearch" WHERE words::text LIKE '%' || $1 || '%'`, [word]);
  expect(await inIndex("zanzibar")).toHaveLength(1);
  expect(await inIndex("quagmire")).toHaveLength(1);
  await ada.deletes(one);
  await ada.edits(two, "swamp");
  await indexed();
  expect(await inIndex("zanzibar")).toEqual([]);
  expect(await inIndex("quagmire")).toEqual([]);
  expect(await inIndex("swamp")).toHaveLength(1);
});

describe("access to results", () => {
  test("follows membership in private rooms and visibility of public ones, immediately", async () => {
    const open = await ada.createsRoom(`Public ${rooms}`);
    const word = `wonder${rooms}`;
    await ada.says(open, `${word} open`);
    await ada.says(room, `${word} closed`);
    const found = async (who: Actor): Promise<string[]> =>
      (await search(who, word)).edges.map(({ node }) => node.body).sort();
    for (const [, settle] of STATES) {
      await settle();
      expect(await found(ada)).toEqual([`${word} closed`, `${word} open`]);
      expect(await found(bob)).toEqual([`${word} open`]);
      expect((await search(bob, word, { filter: { in: [room.id] } })).edges).toEqual([]);
    }
    const uuid = Buffer.from(open.id, "base64").toString().split(":")[1];
    await bob.joins(open);
    await database.query(`UPDATE "Conversation" SET visibility = 'PRIVATE' WHERE id = $1`, [uuid]);
    expect(await found(bob)).toEqual([`${word} open`]);
    await bob.leaves(open);
    expect(await found(bob)).toEqual([]);
    expect(await found(ada)).toHaveLength(2);
  });

  test("is checked again for every page", async () => {
    const open = await ada.createsRoom(`Paged ${rooms}`);
    await bob.joins(open);
    for (let n = 0; n < 4; n += 1) await ada.says(open, `pager${rooms} ${n}`);
    const uuid = Buffer.from(open.id, "base64").toString().split(":")[1];
    await database.query(`UPDATE "Conversation" SET visibility = 'PRIVATE' WHERE id = $1`, [uuid]);
    const page = await search(bob, `pager${rooms}`, { first: 2 });
    expect(page.edges).toHaveLength(2);
    await bob.leaves(open);
    const next = await search(bob, `pager${rooms}`, { first: 2, after: page.pageInfo.endCursor });
    expect(next).toMatchObject({ edges: [], pageInfo: { hasNextPage: false } });
  });
});

describe("pages", () => {
  test.for(["NEWEST", "RELEVANCE"] as const)(
    "of %s contain everything once, even with messages sent meanwhile",
    async (sort) => {
      for (let n = 0; n < 23; n += 1)
        await ada.says(room, `page ${n} ${"page ".repeat(n % 3)}`.trim());
      await indexed();
      const all = await bodies("page", { sort });
      expect(all).toHaveLength(23);
      const seen: string[] = [];
      let after: string | null = null;
      for (let turn = 0; turn < 10; turn += 1) {
        const filter = { in: [room.id] };
        const page: Found["searchMessages"] = await search(ada, "page", {
          sort,
          filter,
          first: 5,
          after,
        });
        seen.push(...page.edges.map(({ node }) => node.body));
        after = page.pageInfo.endCursor;
        await ada.says(room, `page page page page late ${turn}`);
        if (!page.pageInfo.hasNextPage) break;
      }
      expect(seen).toEqual(all);
    },
  );

  test("have the requested size up to the maximum", async () => {
    for (let n = 0; n < 32; n += 1) await ada.says(room, `long ${n}`);
    const filter = { in: [room.id] };
    expect((await search(ada, "long", { filter, first: 1000 })).edges).toHaveLength(30);
    expect((await search(ada, "long", { filter })).edges).toHaveLength(20);
    const none = await search(ada, "long", { filter, first: 0 });
    expect(none).toEqual({ edges: [], pageInfo: { hasNextPage: true, endCursor: null } });
  });

  test("are sorted by relevance on request", async () => {
    await ada.says(room, "tea tea tea");
    await ada.says(room, "somebody said something about tea");
    expect(await bodies("tea", { sort: "RELEVANCE" })).toEqual([
      "tea tea tea",
      "somebody said something about tea",
    ]);
    expect(await bodies("tea")).toEqual(["somebody said something about tea", "tea tea tea"]);
  });

  test("reject foreign cursors and a negative length", async () => {
    const asked = await ada.client();
    for (const variables of [
      { after: "nonsense" },
      { after: Buffer.from("[1,2]").toString("base64url") },
      { after: Buffer.from('["1","NaN","2"]').toString("base64url") },
      { first: -1 },
    ]) {
      const { errors } = await asked.send(SEARCH, { query: "tea", ...variables });
      expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT" } }]);
    }
  });
});

describe("highlights", () => {
  test.for([
    ["tea", "Tea, more TEA", ["Tea", "TEA"]],
    ["hel*", "Hello help shell", ["Hello", "help"]],
    ['"green tea"', "green tea, tea green", ["green tea"]],
    ["cafe", "🎉 Café!", ["Café"]],
    ["京", "東京", ["京"]],
    ["東京都", "あ東京都庁", ["東京都"]],
    ["tea -milk", "tea", ["tea"]],
    ["tea teapot*", "teapots of tea", ["teapots", "tea"]],
  ] as const)("%s in %j", async ([query, body, marked]) => {
    await ada.says(room, body);
    const { edges } = await search(ada, query, { filter: { in: [room.id] } });
    const [edge] = edges;
    expect(edge?.highlights.map(({ start, end }) => body.slice(start, end))).toEqual(marked);
  });
});

describe("the search input", () => {
  test("without words finds nothing, and causes no error", async () => {
    await ada.says(room, "something");
    for (const query of [
      "!!!",
      "***",
      '"',
      '""',
      "-",
      "--",
      "' OR 1=1 --",
      "\\",
      "a\u0000b",
      "\ud800",
      "&|!():*<->",
    ]) {
      expect(await bodies(query), query).toEqual([]);
    }
  });

  test("may contain any characters", async () => {
    const ALPHABET = Array.from(`ab"'*- \\()&|!:<>%_\u0000\ud800\u200d🎉京éß٣ ﷺ\u0301½`);
    let state = 42;
    const random = (below: number): number => {
      state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
      return Math.floor((state / 2_147_483_648) * below);
    };
    for (let n = 0; n < 150; n += 1) {
      const query = Array.from(
        { length: random(40) },
        () => ALPHABET[random(ALPHABET.length)],
      ).join("");
      const sort = n % 2 === 0 ? "NEWEST" : "RELEVANCE";
      const { edges } = await search(ada, query, { sort });
      expect(edges.length, query).toBeGreaterThanOrEqual(0);
      for (const { node, highlights } of edges)
        for (const { start, end } of highlights)
          expect(start < end && end <= node.body.length).toBe(true);
    }
  });

  test("finds the words around any characters of a message", async () => {
    for (const body of [
      "' \\ '' it''s",
      "ﷺ ".repeat(3_000),
      "x".repeat(8_000),
      "é́́́́",
      "a\u200db",
      "½ ² ⅷ ①",
    ])
      await ada.says(room, body);
    await ada.says(room, "afterwards");
    await indexed();
    expect(await bodies("afterwards")).toEqual(["afterwards"]);
    expect(await bodies("it s")).toHaveLength(1);
    expect(await bodies(`${"x".repeat(200)}*`)).toHaveLength(1);
  });

  test("that is too long or of the wrong kind is reported", async () => {
    const asked = await ada.client();
    const { user } = await ada.signsUp();
    for (const variables of [
      { query: "x".repeat(257) },
      { query: "x", filter: { in: [user.id] } },
      { query: "x", filter: { from: [room.id] } },
      { query: "x", filter: { from: Array.from({ length: 101 }, () => user.id) } },
    ]) {
      const { errors } = await asked.send(SEARCH, variables);
      expect(errors).toMatchObject([{ extensions: { code: "INVALID_INPUT" } }]);
    }
  });
});
