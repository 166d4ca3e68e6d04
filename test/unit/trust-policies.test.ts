import { describe, expect, test } from "vitest";
import { canSuspend, isSuspended } from "../../server/domain/admin/admin.policy.ts";
import { canSeeRoomAudit } from "../../server/domain/audit-log/audit-log.policy.ts";
import { canDeleteMessage, canEditMessage } from "../../server/domain/message/message.policy.ts";
import {
  canHandleReport,
  canSeeReporter,
  commentProblems,
  type ReportRights,
} from "../../server/domain/report/report.policy.ts";

const report: ReportRights = {
  isAdministrator: false,
  role: "MODERATOR",
  kind: "ROOM",
  subject: "MESSAGE",
  isAccused: false,
};

describe("a report", () => {
  test.for<[string, Partial<ReportRights>, boolean]>([
    ["about a message may be handled by the room's moderators", {}, true],
    ["about a message may be handled by the room's owner", { role: "OWNER" }, true],
    ["about a message may not be handled by plain members", { role: "MEMBER" }, false],
    ["about a message may not be handled by outsiders", { role: null, kind: "ROOM" }, false],
    ["may not be handled by the moderator whom it accuses", { isAccused: true }, false],
    [
      "in a direct conversation may not be handled by its participants",
      { kind: "DIRECT", role: "OWNER" },
      false,
    ],
    ["about a user may not be handled by moderators", { subject: "USER" }, false],
    ["about a room may not be handled by its moderators", { subject: "ROOM" }, false],
    [
      "of any kind may be handled by administrators",
      { isAdministrator: true, role: null, kind: null },
      true,
    ],
    [
      "about an administrator may be handled by that administrator",
      { isAdministrator: true, isAccused: true },
      true,
    ],
  ])("%s", ([, change, may]) => {
    expect(canHandleReport({ ...report, ...change })).toBe(may);
  });

  test("reveals its creator to administrators only", () => {
    expect(canSeeReporter({ isAdministrator: true })).toBe(true);
    expect(canSeeReporter({ isAdministrator: false })).toBe(false);
  });

  test("has a comment that is short and can be stored", () => {
    expect(commentProblems("comment", "x".repeat(1_000))).toEqual([]);
    for (const text of ["x".repeat(1_001), "a\u0000b", "\ud800"])
      expect(commentProblems("comment", text), text).toHaveLength(1);
  });
});

test("a room's audit log is visible to its moderators and to administrators", () => {
  const rights = { isAdministrator: false, kind: "ROOM", role: "OWNER" } as const;
  expect(canSeeRoomAudit(rights)).toBe(true);
  expect(canSeeRoomAudit({ ...rights, role: "MODERATOR" })).toBe(true);
  expect(canSeeRoomAudit({ ...rights, role: "MEMBER" })).toBe(false);
  expect(canSeeRoomAudit({ ...rights, role: null })).toBe(false);
  expect(canSeeRoomAudit({ ...rights, kind: "DIRECT" })).toBe(false);
  expect(canSeeRoomAudit({ ...rights, role: null, isAdministrator: true })).toBe(true);
});

test("administrators may suspend others, but neither themselves nor each other", () => {
  const rights = { isAdministrator: true, isSelf: false, isOtherAdministrator: false };
  expect(canSuspend(rights)).toBe(true);
  expect(canSuspend({ ...rights, isSelf: true })).toBe(false);
  expect(canSuspend({ ...rights, isOtherAdministrator: true })).toBe(false);
  expect(canSuspend({ ...rights, isAdministrator: false })).toBe(false);
});

test("a suspension holds until its end, or until it is lifted", () => {
  expect(isSuspended(null, 5)).toBe(false);
  expect(isSuspended({ until: null }, 5)).toBe(true);
  expect(isSuspended({ until: new Date(6) }, 5)).toBe(true);
  expect(isSuspended({ until: new Date(5) }, 5)).toBe(false);
});

test("administrators may delete any message, but edit none", () => {
  const rights = {
    kind: "DIRECT",
    role: null,
    isAuthor: false,
    isSystem: false,
    isArchived: false,
    mutedUntil: null,
    isAdministrator: true,
  } as const;
  expect(canDeleteMessage(rights)).toBe(true);
  expect(canEditMessage(rights)).toBe(false);
  expect(canDeleteMessage({ ...rights, isAdministrator: false })).toBe(false);
  // A system message cannot be deleted.
  expect(canDeleteMessage({ ...rights, isSystem: true })).toBe(false);
});
