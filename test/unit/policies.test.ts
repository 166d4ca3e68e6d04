import { describe, expect, test } from "vitest";
import { logInBlockedUntil, passwordProblems } from "../../server/domain/auth/auth.policy.ts";
import { canUseSession } from "../../server/domain/session/session.policy.ts";
import { canDiscover, canRead } from "../../server/domain/conversation/conversation.policy.ts";
import {
  bodyProblems,
  canDeleteMessage,
  canEditMessage,
  canPinMessage,
  canSeeEdits,
} from "../../server/domain/message/message.policy.ts";
import { canJoinRoom, canLeaveRoom } from "../../server/domain/room/room.policy.ts";

/** Every combination of the inputs of access, and the resulting rights. */
const ACCESS = [
  { visibility: "PUBLIC", isMember: true, isBanned: false, knows: true, sees: true },
  { visibility: "PUBLIC", isMember: false, isBanned: false, knows: true, sees: true },
  { visibility: "PUBLIC", isMember: false, isBanned: true, knows: true, sees: false },
  { visibility: "PRIVATE", isMember: true, isBanned: false, knows: true, sees: true },
  { visibility: "PRIVATE", isMember: false, isBanned: false, knows: false, sees: false },
  { visibility: "PRIVATE", isMember: false, isBanned: true, knows: false, sees: false },
] as const;

describe("access to a conversation, a room and its messages", () => {
  test.for(ACCESS)(
    "$visibility, member: $isMember, banned: $isBanned → discovers: $knows, reads: $sees",
    ({ knows, sees, ...access }) => {
      expect(canDiscover(access)).toBe(knows);
      expect(canRead(access)).toBe(sees);
    },
  );
});

/** Every combination of the inputs of a message change: edit, delete, pin, see edits. */
test.for([
  ["ROOM", "OWNER", true, "edit delete pin history"],
  ["ROOM", "OWNER", false, "delete pin history"],
  ["ROOM", "MODERATOR", true, "edit delete pin history"],
  ["ROOM", "MODERATOR", false, "delete pin history"],
  ["ROOM", "MEMBER", true, "edit delete history"],
  ["ROOM", "MEMBER", false, ""],
  ["ROOM", null, true, "delete history"],
  ["ROOM", null, false, ""],
  ["DIRECT", "OWNER", true, "edit delete pin history"],
  ["DIRECT", "OWNER", false, "pin"],
  ["DIRECT", "MEMBER", true, "edit delete pin history"],
  ["DIRECT", "MEMBER", false, "pin"],
  ["DIRECT", null, true, "delete history"],
  ["DIRECT", null, false, ""],
] as const)("in a %s, with role %s, author: %s, a user may: %s", ([kind, role, isAuthor, may]) => {
  const open = { isArchived: false, mutedUntil: null };
  const rights = { kind, role, isAuthor, isSystem: false, ...open };
  const rules = {
    edit: canEditMessage,
    delete: canDeleteMessage,
    pin: canPinMessage,
    history: canSeeEdits,
  };
  const allowed = Object.entries(rules).filter(([, can]) => can(rights));
  expect(allowed.map(([name]) => name).join(" ")).toBe(may);
  for (const can of Object.values(rules)) expect(can({ ...rights, isSystem: true })).toBe(false);
});

test("users can join public rooms without an invite, unless they are banned, and no private rooms", () => {
  for (const access of ACCESS) {
    expect(canJoinRoom(access)).toBe(access.visibility === "PUBLIC" && !access.isBanned);
  }
});

test.for([
  { role: "OWNER", memberCount: 1, may: true },
  { role: "OWNER", memberCount: 2, may: false },
  { role: "MODERATOR", memberCount: 2, may: true },
  { role: "MEMBER", memberCount: 2, may: true },
  { role: "MEMBER", memberCount: 1, may: true },
] as const)(
  "in a room of $memberCount, the role $role may leave: $may",
  ({ role, memberCount, may }) => {
    expect(canLeaveRoom(role, memberCount)).toBe(may);
  },
);

test.for<[string, string, string | null]>([
  ["empty", "", "REQUIRED"],
  ["seven characters", "a".repeat(7), "TOO_SHORT"],
  ["seven characters of two code units each", "🦜".repeat(7), "TOO_SHORT"],
  ["eight characters", "a".repeat(8), null],
  ["eight blanks", " ".repeat(8), null],
  ["eight characters of two code units each", "🦜".repeat(8), null],
  ["256 characters of two code units each", "🦜".repeat(256), null],
  ["257 characters", "a".repeat(257), "TOO_LONG"],
  ["the username in another case", "Ada.Lovelace", "INVALID_VALUE"],
  ["the username with punctuation and digits", "!ada.lovelace1815", "INVALID_VALUE"],
  ["the server's name with a year", "Analytical2026!", "INVALID_VALUE"],
  ["the username within something longer", "ada.lovelace weaves", null],
])("a password of %s: %s", ([, password, code]) => {
  const problems = passwordProblems("newPassword", password, ["ada.lovelace", "", "Analytical"]);
  expect(problems.map((problem) => problem.code)).toEqual(code === null ? [] : [code]);
  for (const problem of problems) expect(problem.field).toBe("newPassword");
});

describe("a second log-in", () => {
  const now = 1_000;
  test.for(["multiple", "replace"] as const)("is never blocked under %s", (policy) => {
    expect(logInBlockedUntil(policy, [now + 500], now)).toBeNull();
  });

  test("is blocked under reject until the last session's lock expires", () => {
    expect(logInBlockedUntil("reject", [now + 10, now + 500, now - 5], now)).toBe(now + 500);
  });

  test("is allowed under reject when no session is alive", () => {
    expect(logInBlockedUntil("reject", [], now)).toBeNull();
    expect(logInBlockedUntil("reject", [now - 1], now)).toBeNull();
    expect(logInBlockedUntil("reject", [now], now)).toBeNull();
  });
});

test.for([
  { expiresAt: 101, lastUsedAt: 100, may: true },
  { expiresAt: 100, lastUsedAt: 100, may: false },
  { expiresAt: 99, lastUsedAt: 100, may: false },
  { expiresAt: 500, lastUsedAt: 51, may: true },
  { expiresAt: 500, lastUsedAt: 50, may: false },
])(
  "at time 100, with an idle time of 50, a session that expires at $expiresAt and was used at $lastUsedAt is usable: $may",
  ({ may, ...times }) => {
    expect(canUseSession(times, 100, 50)).toBe(may);
  },
);

test.for<[string, string, string | null]>([
  ["an empty text", "", "REQUIRED"],
  ["whitespace only", " \n\t\u00a0", "REQUIRED"],
  ["one character", "a", null],
  ["the maximum length", "a".repeat(10), null],
  ["one character too many", "a".repeat(11), "TOO_LONG"],
  ["six characters of two code units each", "🦜".repeat(6), "TOO_LONG"],
  ["a NUL inside", "a\u0000b", "INVALID_FORMAT"],
  ["half a character", "a\ud83e", "INVALID_FORMAT"],
  ["other control characters", "a\u0007\r\nb", null],
])("a message with %s: %s", ([, body, code]) => {
  expect(bodyProblems(body, 10).map((problem) => problem.code)).toEqual(
    code === null ? [] : [code],
  );
});
