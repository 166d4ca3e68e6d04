import { beforeAll, describe, expect, test } from "vitest";
import { PASSWORD } from "../kit/client.ts";
import { createDatabase, type TestDatabase } from "../kit/database.ts";
import { picture } from "../kit/pictures.ts";
import { seedOn, type Actor, type Seed } from "../kit/seed.ts";
import { startServer } from "../kit/server.ts";
import { DELETE_ACCOUNT } from "../kit/trust-documents.ts";
import { uploads } from "../kit/uploads.ts";

const USERS = /* GraphQL */ `
  query Users($search: String!, $first: Int, $after: String) {
    users(search: $search, first: $first, after: $after) {
      pageInfo {
        hasNextPage
        endCursor
      }
      edges {
        cursor
        node {
          username
        }
      }
    }
  }
`;
const UPDATE_PROFILE = `mutation($input: UpdateProfileInput!) { updateProfile(input: $input) { __typename } }`;
const ROOMS = /* GraphQL */ `
  query Rooms($search: String, $sort: RoomSort) {
    rooms(search: $search, sort: $sort, first: 30) {
      edges {
        node {
          name
        }
      }
    }
  }
`;

interface Users {
  users: {
    pageInfo: { hasNextPage: boolean; endCursor: string | null };
    edges: { cursor: string; node: { username: string } }[];
  };
}

let database: TestDatabase;
let seed: Seed;
let ada: Actor;
let bob: Actor;

/** Inserts into the database directly, because a hundred password hashes would take too long. */
async function person(username: string, displayName: string): Promise<void> {
  await database.query(
    `INSERT INTO "User" (id, username, "usernameKey", "displayName") VALUES (gen_random_uuid(), $1::text, lower($1::text), $2)`,
    [username, displayName],
  );
}

beforeAll(async () => {
  database = await createDatabase();
  const server = await startServer({ databaseUrl: database.url });
  seed = seedOn(server);
  [ada, bob] = [seed.user("ada"), seed.user("bob")];
  await ada.signsUp();
  for (const [username, displayName] of [
    ["johnson", "Katherine Johnson"],
    ["john", "Big Band"],
    ["johnny-b", "Chuck"],
    ["kay", "John Kay"],
    ["littlejohn", "Robin's friend"],
    ["mjolnir", "Thor"],
    ["marie", "Marie Skłodowska-Curie"],
    ["zoe", "Zoë Müller"],
    ["anna", "Анна Ахматова"],
    ["taro", "山田太郎"],
    ["minsu", "김민수"],
    ["ramanujan", "Srinivasa Ramanujan"],
    ["o.brien", "Flann O'Brien"],
  ] as const)
    await person(username, displayName);
  for (let n = 0; n < 45; n += 1) await person(`crowd-${String(n).padStart(2, "0")}`, "Crowd");
});

async function people(search: string, page: object = {}): Promise<string[]> {
  const { users } = await ada.query<Users>(USERS, { search, first: 30, ...page });
  return users.edges.map(({ node }) => node.username);
}

describe("users are found", () => {
  test("best match first: username, its prefix, the name's prefix, a word's prefix, a substring", async () => {
    expect(await people("john")).toEqual(["john", "johnny-b", "johnson", "kay", "littlejohn"]);
  });

  test("with their full profile, and no longer after deleting their account", async () => {
    const [gone, { avatar, statusText }] = [
      seed.user("vanishing"),
      {
        avatar: await uploads(bob, "bob.png", await picture("png"), "PICTURE"),
        statusText: "Hello",
      },
    ];
    await gone.signsUp();
    await bob.mutate(UPDATE_PROFILE, { input: { avatarUploadId: avatar.id, statusText } });
    const { users } = await ada.query<{ users: { edges: { node: unknown }[] } }>(
      `{ users(search: "bob", first: 1) { edges { node { statusText changedAt avatar { id } } } } }`,
    );
    expect(users.edges.map(({ node }) => node)).toEqual([
      { statusText, changedAt: expect.any(String), avatar: { id: avatar.id } },
    ]);
    expect(await people("vanish")).toEqual(["vanishing"]);
    await gone.mutate(DELETE_ACCOUNT, { input: { password: PASSWORD } });
    expect(await people("vanish")).toEqual([]);
    expect(await people("deleted")).toEqual([]);
  });

  test.for([
    ["by the beginning of a username", "raman", ["ramanujan"]],
    ["by the beginning of a name", "srini", ["ramanujan"]],
    ["with an @", "@raman", ["ramanujan"]],
    ["in any case", "RAMAN", ["ramanujan"]],
    ["by two words in any order", "johnson kath", ["johnson"]],
    ["with a letter missing", "ramanjan", ["ramanujan"]],
    ["with a letter too many", "ramanuujan", ["ramanujan"]],
    ["with a wrong letter", "ramenujan", ["ramanujan"]],
    ["with two letters swapped", "rmaanujan", ["ramanujan"]],
    ["with a wrong letter, and not yet complete", "ramenuj", ["ramanujan"]],
    ["with a wrong first letter", "zrinivasa", ["ramanujan"]],
    ["without accents", "zoe muller", ["zoe"]],
    ["with accents", "müller", ["zoe"]],
    ["by a part of a double name", "curie", ["marie"]],
    ["with an apostrophe", "o'brien", ["o.brien"]],
    ["in Russian, in any case", "АХМАТ", ["anna"]],
    ["in Russian, with a wrong letter", "ахмотова", ["anna"]],
    ["in Japanese, by the first name", "太郎", ["taro"]],
    ["in Japanese, by a character", "郎", ["taro"]],
    ["in Korean", "민수", ["minsu"]],
  ] as const)("%s: %s", async ([, search, found]) => {
    expect(await people(search)).toEqual(found);
  });

  test.for(["", " ", "@", "%", "_", "!!!", "\\", "'", "a\u0000b", "\ud800", "xyzzy", "&|:*", "()"])(
    "by %j: none",
    async (search) => {
      expect(await people(search)).toEqual([]);
    },
  );

  test("page by page, and each user once", async () => {
    const seen: string[] = [];
    let after: string | null = null;
    for (let turn = 0; turn < 10; turn += 1) {
      const { users }: Users = await ada.query<Users>(USERS, { search: "crowd", first: 10, after });
      expect(users.edges.length).toBeLessThanOrEqual(10);
      seen.push(...users.edges.map(({ node }) => node.username));
      after = users.pageInfo.endCursor;
      if (!users.pageInfo.hasNextPage) break;
    }
    expect(seen).toEqual(
      Array.from({ length: 45 }, (_, n) => `crowd-${String(n).padStart(2, "0")}`),
    );
  });

  test("only if the text is not too long and the cursor is valid", async () => {
    const asked = await ada.client();
    expect((await asked.send(USERS, { search: "x".repeat(101) })).errors).toMatchObject([
      { extensions: { code: "INVALID_INPUT" } },
    ]);
    expect((await asked.send(USERS, { search: "x", after: "nonsense" })).errors).toMatchObject([
      { extensions: { code: "BAD_USER_INPUT" } },
    ]);
  });
});

describe("rooms are found", () => {
  beforeAll(async () => {
    await ada.createsRoom("Gardening", { topic: "Tomatoes and other vegetables" });
    await ada.createsRoom("Guitar players", { slug: "six-strings" });
    await ada.createsRoom("Größenwahn");
    await ada.createsRoom("日本語の部屋", { slug: "nihongo" });
    await ada.createsRoom("Secret garden", { visibility: "PRIVATE" });
  });

  const rooms = async (who: Actor, search: string, sort = "NAME"): Promise<string[]> => {
    const found = await who.query<{ rooms: { edges: { node: { name: string } }[] } }>(ROOMS, {
      search,
      sort,
    });
    return found.rooms.edges.map(({ node }) => node.name);
  };

  test.for([
    ["by the beginning of the name", "gard", ["Gardening"]],
    ["by a part of it", "dening", ["Gardening"]],
    ["by a word of the topic", "tomatoes", ["Gardening"]],
    ["by the address", "strings", ["Guitar players"]],
    ["with a letter wrong", "guiter", ["Guitar players"]],
    ["with two letters swapped", "gutiar", ["Guitar players"]],
    ["without accents", "grossenwahn", []],
    ["without dots", "großenwahn", ["Größenwahn"]],
    ["in Japanese", "部屋", ["日本語の部屋"]],
    ["by a text that occurs nowhere", "xyzzy", []],
    ["by a text without words", "%", []],
  ] as const)("%s: %s", async ([, search, found]) => {
    expect(await rooms(bob, search)).toEqual(found);
  });

  test("only by users who may discover them, in every sort order", async () => {
    for (const sort of ["NAME", "ACTIVITY", "MEMBERS"]) {
      expect((await rooms(ada, "garden", sort)).sort()).toEqual(["Gardening", "Secret garden"]);
      expect(await rooms(bob, "garden", sort)).toEqual(["Gardening"]);
    }
  });
});
