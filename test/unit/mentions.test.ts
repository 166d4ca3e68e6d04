import { describe, expect, test } from "vitest";
import { codeRanges } from "../../server/domain/message/markdown-code.ts";
import { mentionCandidates, MENTION_LIMIT } from "../../server/domain/message/mention-text.ts";
import { makeMentionService } from "../../server/domain/message/mention.service.ts";
import type { MentionStore, Named } from "../../server/domain/message/mention.store.ts";

/** The longest names of all possible mentions. */
const namesIn = (text: string): string[] =>
  mentionCandidates(text).map(({ names }) => names[0] ?? "");

describe("possible mentions", () => {
  test.for<[string, string, string[]]>([
    ["alone", "@ada", ["ada"]],
    ["in a sentence", "thanks, @ada!", ["ada"]],
    ["several", "@ada @bob, (@eve)", ["ada", "bob", "eve"]],
    ["beside each other", "@ada/@bob", ["ada", "bob"]],
    ["before punctuation", "@ada. @bob- @eve_ @dan's", ["ada", "bob", "eve", "dan"]],
    ["with punctuation inside", "@ada.lovelace-1_x", ["ada.lovelace-1_x"]],
    ["in emphasis", "_@ada_ **@bob** ~~@eve~~", ["ada", "bob", "eve"]],
    ["in a list and a quote", "- @ada\n> @bob\n-@eve", ["ada", "bob", "eve"]],
    ["in a link's text", "[@ada](https://example.org)", ["ada"]],
    ["after an emoji", "🎉@ada", ["ada"]],
    ["in another script", "@Ädä and @アダ", ["Ädä", "アダ"]],
    ["after a backslash that is escaped itself", "\\\\@ada", ["ada"]],
    ["an e-mail address", "write to ada@example.org or a.b+c@d.e", []],
    ["an e-mail address that ends in a line", "ada_@example.org ada-@example.org", []],
    ["an address of the web", "https://example.org/@ada?to=@bob", []],
    ["one without a protocol", "see example.org/@ada and www.example.org/x/@bob", []],
    ["an address on another server", "@ada@example.org", []],
    ["an escaped one", "\\@ada", []],
    ["two signs", "@@ada", []],
    ["a sign alone", "@ @. @- @@", []],
    ["after letters", "hello@ada", []],
  ])("%s", ([, text, names]) => {
    expect(namesIn(text)).toEqual(names);
  });

  test.for<[string, string, string[]]>([
    ["a span", "`@ada` @bob", ["bob"]],
    ["a span with more backticks", "``a ` @ada`` @bob", ["bob"]],
    ["a span over a line", "`one\n@ada` @bob", ["bob"]],
    ["no span over a paragraph", "`one\n\n@ada` @bob", ["ada", "bob"]],
    ["no span without an end", "`@ada", ["ada"]],
    ["no span between runs of other lengths", "`@ada`` @bob", ["ada", "bob"]],
    ["no span after an escaped backtick", "\\`@ada`", ["ada"]],
    ["a span after an escaped backtick in it", "`\\` @ada `@bob`", ["ada"]],
    ["a block", "```\n@ada\n```\n@bob", ["bob"]],
    ["a block with a language", "```ts\n@ada\n```\n@bob", ["bob"]],
    ["a block of tildes", "~~~ `x`\n@ada\n```\n@bob\n~~~\n@eve", ["eve"]],
    ["a block that is closed by a longer fence only", "````\n```\n@ada\n`````\n@bob", ["bob"]],
    ["a block without an end", "@bob\n```\n@ada\n\n@eve", ["bob"]],
    [
      "a block in a quote and in a list",
      "> ```\n> @ada\n> ```\n- ~~~\n  @bob\n  ~~~\n@eve",
      ["eve"],
    ],
    ["no block of backticks with one behind", "``` a`b\n@ada", ["ada"]],
    ["windows line ends", "```\r\n@ada\r\n```\r\n@bob", ["bob"]],
  ])("in code: %s", ([, text, names]) => {
    expect(namesIn(text)).toEqual(names);
  });

  test("count UTF-16 code units, as JavaScript does", () => {
    const text = "🦜🦜 hé @ada";
    const [found] = mentionCandidates(text);
    expect(text.slice(found?.start).startsWith("@ada")).toBe(true);
  });

  test("include shorter names with which a longer one starts", () => {
    expect(mentionCandidates("@ada.lovelace-x")[0]?.names).toEqual([
      "ada.lovelace-x",
      "ada.lovelace",
      "ada",
    ]);
    expect(mentionCandidates("@ada你好")[0]?.names).toContain("ada");
    expect(mentionCandidates("你好@ada님")[0]?.names).toContain("ada");
    expect(mentionCandidates("@adaé")[0]?.names).toEqual(["adaé"]);
    expect(mentionCandidates(`@${"a.".repeat(30)}b`)[0]?.names.length).toBeLessThan(10);
  });

  test("have a limit", () => {
    expect(mentionCandidates("@ada ".repeat(1_000))).toHaveLength(MENTION_LIMIT);
  });

  test("take linear time, even in hostile texts", () => {
    const length = 8_000;
    const nasty = [
      "`",
      "` ",
      "@",
      "/@",
      "a@",
      "-@",
      "\\",
      "_-",
      "@a.",
      ". @",
      "~~~\n",
      "> ",
      "`\\",
    ];
    const started = performance.now();
    for (const part of nasty) {
      const text = part.repeat(length / part.length);
      for (const whole of [text, `${text}@ada`, `@ada${text}`, `\`@ada ${text}`]) {
        mentionCandidates(whole);
        codeRanges(whole);
      }
    }
    // Some 100 texts; quadratic time would take minutes.
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

describe("resolved mentions", () => {
  const person = (username: string, isMember = true): Named => {
    const createdAt = new Date(0);
    const usernameKey = username.toLowerCase();
    const names = { username, usernameKey, displayName: "" };
    const unchanged = { avatarId: null, statusText: null, changedAt: null };
    const user = { id: `id of ${usernameKey}`, ...names, createdAt, ...unchanged };
    return { user, isMember };
  };
  const everybody = [
    person("Ada"),
    person("ada.lovelace"),
    person("bob.builder", false),
    person("bob"),
    person("room"),
  ];

  function storeFor(role: "MEMBER" | "MODERATOR" | null, memberCount = 10) {
    const asked: string[][] = [];
    const store: MentionStore = {
      resolve: (_author, _conversation, keys) => {
        asked.push([...keys]);
        const people = everybody.filter(({ user }) => keys.includes(user.usernameKey));
        return Promise.resolve({ rights: { kind: "ROOM", role, memberCount }, people });
      },
      page: () => Promise.resolve([]),
    };
    return {
      asked,
      resolve: (body: string) =>
        makeMentionService({ store, smallRoom: 50 }).resolve("a", "c", body),
    };
  }

  async function called(body: string, role: "MEMBER" | "MODERATOR" = "MEMBER", count = 10) {
    const mentions = await storeFor(role, count).resolve(body);
    return mentions.map(({ kind, user, start, length }) => [
      kind === "USER" ? user?.username : kind,
      body.slice(start, start + length),
    ]);
  }

  test.for<[string, string, [string, string][]]>([
    [
      "in any case",
      "@ADA and @ada",
      [
        ["Ada", "@ADA"],
        ["Ada", "@ada"],
      ],
    ],
    ["the longest name", "@ada.lovelace", [["ada.lovelace", "@ada.lovelace"]]],
    ["a shorter name if no user has the longer one", "@ada.said", [["Ada", "@ada"]]],
    ["no user outside the conversation, and none with a similar name", "@bob.builder", []],
    ["no user who does not exist", "@nobody", []],
    [
      "everyone",
      "@room: @here!",
      [
        ["ROOM", "@room"],
        ["HERE", "@here"],
      ],
    ],
    ["not everyone within a longer name", "@room-mate @here.be.dragons", []],
    ["everyone, even if a user has that name", "@Room", [["ROOM", "@Room"]]],
  ])("%s", async ([, body, expected]) => {
    expect(await called(body)).toEqual(expected);
  });

  test("include all members only with the right to mention them", async () => {
    expect(await called("@room @ada", "MEMBER", 51)).toEqual([["Ada", "@ada"]]);
    expect(await called("@room", "MODERATOR", 51)).toEqual([["ROOM", "@room"]]);
  });

  test("need one query, and none without a candidate", async () => {
    const { asked, resolve } = storeFor("MEMBER");
    for (const body of ["hello", "`@ada`", "ada@example.org"])
      expect(await resolve(body)).toEqual([]);
    expect(asked).toEqual([]);
    await resolve("@ada @Ada @bob.builder");
    expect(asked).toEqual([["ada", "bob.builder", "bob"]]);
  });
});
