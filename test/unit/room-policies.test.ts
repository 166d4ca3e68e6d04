import { describe, expect, test } from "vitest";
import { isMuted } from "../../server/domain/message/message.policy.ts";
import {
  announcesMembership,
  canActOn,
  canModerate,
  canReshapeRoom,
  canRevokeInvite,
  canSetRole,
  canTransferOwnership,
  isLinkExpired,
  initialRole,
  type Actor,
} from "../../server/domain/room/room.policy.ts";
import {
  isSlug,
  slowModeProblems,
  slugOf,
  withSuffix,
} from "../../server/domain/room/room-fields.ts";

const ROLES = ["OWNER", "MODERATOR", "MEMBER", null] as const;
const at = (role: Actor["role"], userId = "actor"): Actor => ({ userId, role });

test("owners and moderators may moderate, and only owners may reshape a room", () => {
  expect(ROLES.filter(canModerate)).toEqual(["OWNER", "MODERATOR"]);
  const reshapes = (isLobby: boolean) => ROLES.filter((role) => canReshapeRoom(role, { isLobby }));
  expect(reshapes(false)).toEqual(["OWNER"]);
  expect(reshapes(true)).toEqual([]);
});

describe("moderating a user", () => {
  test.for([
    ["OWNER", ["MODERATOR", "MEMBER", null]],
    ["MODERATOR", ["MEMBER", null]],
    ["MEMBER", []],
    [null, []],
  ] as const)("is allowed for %s of %j", ([role, targets]) => {
    const may = ROLES.filter((other) => canActOn(at(role), at(other, "target")));
    expect(may).toEqual(targets);
  });

  test("is never allowed for oneself", () => {
    for (const role of ROLES)
      for (const own of ROLES) expect(canActOn(at(role), at(own))).toBe(false);
  });
});

describe("changing roles", () => {
  test.for([
    ["OWNER", "MODERATOR", ["MODERATOR", "MEMBER"]],
    ["OWNER", "MEMBER", ["MODERATOR", "MEMBER"]],
    ["OWNER", null, []],
    ["MODERATOR", "MEMBER", []],
    ["MODERATOR", "MODERATOR", []],
    ["MODERATOR", "OWNER", []],
    ["MEMBER", "MEMBER", []],
  ] as const)("by %s to %s: %j", ([actor, target, given]) => {
    const roles = ["OWNER", "MODERATOR", "MEMBER"] as const;
    expect(roles.filter((role) => canSetRole(at(actor), at(target, "target"), role))).toEqual(
      given,
    );
  });

  test("of oneself is only for a moderator who steps down", () => {
    expect(canSetRole(at("MODERATOR"), at("MODERATOR"), "MEMBER")).toBe(true);
    expect(canSetRole(at("OWNER"), at("OWNER"), "MEMBER")).toBe(false);
    expect(canSetRole(at("MEMBER"), at("MEMBER"), "MODERATOR")).toBe(false);
  });

  test("only the owner may transfer ownership, to another member", () => {
    const may = (actor: Actor, target: Actor) => canTransferOwnership(actor, target);
    expect(may(at("OWNER"), at("MEMBER", "target"))).toBe(true);
    expect(may(at("OWNER"), at("MODERATOR", "target"))).toBe(true);
    expect(may(at("OWNER"), at(null, "target"))).toBe(false);
    expect(may(at("OWNER"), at("OWNER"))).toBe(false);
    expect(may(at("MODERATOR"), at("MEMBER", "target"))).toBe(false);
  });
});

test("an invite may be withdrawn by its creator while in the room, and by moderators", () => {
  expect(canRevokeInvite(at("MEMBER"), "actor")).toBe(true);
  expect(canRevokeInvite(at("MEMBER"), "other")).toBe(false);
  expect(canRevokeInvite(at("MODERATOR"), "other")).toBe(true);
  expect(canRevokeInvite(at(null), "actor")).toBe(false);
});

test.for([
  { expiresAt: 101, maxUses: null, uses: 9_000, ended: false },
  { expiresAt: 100, maxUses: null, uses: 0, ended: true },
  { expiresAt: 200, maxUses: 5, uses: 4, ended: false },
  { expiresAt: 200, maxUses: 5, uses: 5, ended: true },
])(
  "at time 100, a link until $expiresAt, used $uses of $maxUses times, has expired: $ended",
  (link) => {
    expect(isLinkExpired({ ...link, expiresAt: new Date(link.expiresAt) }, 100)).toBe(link.ended);
  },
);

test("the history records joins and departures in small rooms, never in the lobby", () => {
  expect(announcesMembership({ isLobby: false }, 200, 200)).toBe(true);
  expect(announcesMembership({ isLobby: false }, 201, 200)).toBe(false);
  expect(announcesMembership({ isLobby: false }, 1, 0)).toBe(false);
  expect(announcesMembership({ isLobby: true }, 1, 200)).toBe(false);
});

test("the first member of an empty room becomes owner, except in the lobby", () => {
  expect(initialRole(false, 0)).toBe("OWNER");
  expect(initialRole(false, 1)).toBe("MEMBER");
  expect(initialRole(true, 0)).toBe("MEMBER");
});

test("a mute ends at its time", () => {
  expect(isMuted({ mutedUntil: null }, 100)).toBe(false);
  expect(isMuted({ mutedUntil: new Date(100) }, 100)).toBe(false);
  expect(isMuted({ mutedUntil: new Date(101) }, 100)).toBe(true);
});

describe("room addresses", () => {
  test.for([
    ["Cafe\u0301 No\u0308el", "café-nöel"],
    ["हिन्दी चैट", "हिन्दी-चैट"],
    ["नमस्ते दुनिया", "नमस्ते-दुनिया"],
    ["İstanbul", "i\u0307stanbul"],
    ["❤\ufe0f Hearts ❤\ufe0f", "hearts"],
    ["\u0301 stray mark", "stray-mark"],
    ["zero\u200bwidth", "zerowidth"],
    ["ไทยแลนด์ โอ้โห", "ไทยแลนด์-โอ้โห"],
  ] as const)("of %j is %j", ([name, slug]) => {
    expect(slugOf(name)).toEqual({ slug, isCut: false });
    expect(isSlug(slug)).toBe(true);
  });

  test("of long names are cut, and a suffix distinguishes them", () => {
    const { slug, isCut } = slugOf("long ".repeat(16));
    expect(isCut).toBe(true);
    expect(slug).toHaveLength(64);
    expect(withSuffix(slug, "ab12")).toMatch(/^long-.{50,60}-ab12$/);
    expect(withSuffix(slug, "ab12").length).toBeLessThanOrEqual(64);
    expect(isSlug(withSuffix(slug, "ab12"))).toBe(true);
  });

  test.for(["\u0301a", "a-\u0301b", "a\u200bb", "a b", "-a", ""])("%j is invalid", (text) => {
    expect(isSlug(text)).toBe(false);
  });
});

test.for([
  [-1, false],
  [0, true],
  [21_600, true],
  [21_601, false],
] as const)("a slow mode of %i seconds is valid: %s", ([seconds, may]) => {
  expect(slowModeProblems(seconds).length === 0).toBe(may);
});
