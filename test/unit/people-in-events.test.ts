import { expect, test } from "vitest";
import { peopleNamedIn, withoutPeople, withPeople } from "../../server/log/people.ts";
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

test("a stored payload names people, however deep, and holds nothing of them", () => {
  const stored = withoutPeople(payload);
  expect(JSON.stringify(stored)).not.toMatch(/"ada"|bob|ADA|BOB/);
  expect(peopleNamedIn(stored)).toEqual(new Set(["1", "2"]));
  expect(stored).toMatchObject({
    conversation: { id: "c", name: "ada's", createdAt: new Date(5) },
    membership: { id: "m", role: "OWNER", leftAt: null },
    actor: null,
  });
});

test("it comes back whole, with people as they are by then", () => {
  const stored = withoutPeople(payload);
  const people = new Map([ada, bob].map((user) => [user.id, user]));
  expect(withPeople(stored, people)).toEqual(payload);
  const renamed = withPeople(stored, people.set("1", person("1", "somebody")));
  expect(JSON.stringify(renamed)).toContain("somebody");
  expect(JSON.stringify(renamed)).not.toContain('"ada"');
});

test("without one of its people it cannot be shown", () => {
  expect(withPeople(withoutPeople(payload), new Map([["1", ada]]))).toBeNull();
});

test("a payload without people stays as it is, one from before the names as well", () => {
  const plain = { sessionId: "s", nested: [{ at: null }] };
  expect(withoutPeople(plain)).toEqual(plain);
  expect(peopleNamedIn(payload)).toEqual(new Set());
  expect(withPeople(payload, new Map())).toEqual(payload);
});
