import { beforeEach, expect, test } from "vitest";
import { userReference } from "../../server/domain/user/user.events.ts";
import { makeEmbeddedRecords, type EmbeddedRecords } from "../../server/log/embedded-records.ts";
import type { UserRecord } from "../../server/domain/user/user.record.ts";

const person = (id: string, name: string): UserRecord => ({
  id,
  username: name,
  usernameKey: name,
  displayName: name.toUpperCase(),
  createdAt: new Date(0),
  avatarId: null,
  statusText: null,
  changedAt: null,
});

const ada = person("1", "ada");
const bob = person("2", "bob");
const payload = {
  conversation: { id: "c", name: "ada's", createdAt: new Date(5) },
  membership: { id: "m", user: ada, role: "OWNER", leftAt: null },
  actor: null,
  people: [ada, { reactor: bob, emoji: ["🎉", 3, true] }],
};

let people: Map<string, UserRecord>;
/** The ids of the latest load. */
let loaded: readonly string[];
let embedded: EmbeddedRecords;

beforeEach(() => {
  people = new Map([ada, bob].map((user) => [user.id, user]));
  loaded = [];
  embedded = makeEmbeddedRecords({
    references: [userReference],
    loaderOf: () => async (ids) => {
      loaded = ids;
      return people;
    },
  });
});

const hydrated = async (stored: unknown): Promise<unknown> =>
  embedded.hydrate(stored, await embedded.load([stored]));

test("a stored payload contains the ids of its users at any depth, and none of their data", async () => {
  const stored = embedded.dehydrate(payload);
  expect(JSON.stringify(stored)).not.toMatch(/"ada"|bob|ADA|BOB/);
  await embedded.load([stored]);
  expect(loaded).toEqual(["1", "2"]);
  expect(stored).toEqual({
    conversation: { id: "c", name: "ada's", createdAt: new Date(5) },
    membership: { id: "m", user: { personId: "1" }, role: "OWNER", leftAt: null },
    actor: null,
    people: [{ personId: "1" }, { reactor: { personId: "2" }, emoji: ["🎉", 3, true] }],
  });
});

test("a hydrated payload contains the users as they are at that time", async () => {
  const stored = embedded.dehydrate(payload);
  expect(await hydrated(stored)).toEqual(payload);
  people.set("1", person("1", "somebody"));
  const renamed = await hydrated(stored);
  expect(JSON.stringify(renamed)).toContain("somebody");
  expect(JSON.stringify(renamed)).not.toContain('"ada"');
});

test("a payload with a deleted user hydrates to null", async () => {
  const stored = embedded.dehydrate(payload);
  people.delete("2");
  expect(await hydrated(stored)).toBeNull();
});

test("a payload without references stays the same, also one that contains whole users", async () => {
  const plain = { sessionId: "s", nested: [{ at: null }] };
  expect(embedded.dehydrate(plain)).toEqual(plain);
  expect(await hydrated(payload)).toEqual(payload);
  expect(loaded).toEqual([]);
});
