import { describe, expect, test } from "vitest";
import { canKeepDraft, isUpToDate } from "../../server/domain/draft/draft.policy.ts";
import { canMentionAll } from "../../server/domain/message/mention.policy.ts";
import { emojiOf } from "../../server/domain/reaction/reaction.policy.ts";
import {
  canChangeScheduled,
  canSchedule,
  SCHEDULE_DAYS,
  timeProblems,
} from "../../server/domain/schedule/schedule.policy.ts";
import { canFollowThread } from "../../server/domain/thread/thread.policy.ts";

test.for([
  ["ROOM", "OWNER", 1_000, true],
  ["ROOM", "MODERATOR", 1_000, true],
  ["ROOM", "MEMBER", 50, true],
  ["ROOM", "MEMBER", 51, false],
  ["ROOM", null, 2, false],
  ["DIRECT", "MEMBER", 1_000, true],
  ["DIRECT", null, 2, false],
] as const)("in a %s, %s among %i may mention all: %s", ([kind, role, memberCount, may]) => {
  expect(canMentionAll({ kind, role, memberCount }, 50)).toBe(may);
});

test("members may follow threads, keep drafts and schedule messages", () => {
  for (const role of ["OWNER", "MODERATOR", "MEMBER"]) expect(canFollowThread({ role })).toBe(true);
  expect(canFollowThread({ role: null })).toBe(false);
  for (const isMember of [true, false]) {
    expect(canKeepDraft({ isMember })).toBe(isMember);
    expect(canSchedule({ isMember })).toBe(isMember);
  }
});

test.for([
  ["may replace a draft of any version if it passes none", undefined, 7, true],
  ["may replace the version that it knows", 7, 7, true],
  ["may not replace a version that has changed since", 5, 7, false],
  ["may not replace a version that was cleared since", 5, null, false],
  ["may save a new draft if it knows of none", null, null, true],
  ["may not replace a draft that it does not know of", null, 7, false],
] as const)("a device %s", ([, base, current, may]) => {
  expect(isUpToDate(base, current)).toBe(may);
});

test("a scheduled message can be changed until it is being sent, and again after a failure", () => {
  const claimedAt = new Date(0);
  expect(canChangeScheduled({ state: "SCHEDULED", claimedAt: null })).toBe(true);
  expect(canChangeScheduled({ state: "SCHEDULED", claimedAt })).toBe(false);
  expect(canChangeScheduled({ state: "FAILED", claimedAt: null })).toBe(true);
});

test("a message can be scheduled for a future time, but not too far ahead", () => {
  const furthest = 1_000 + SCHEDULE_DAYS * 86_400_000;
  const codes = [999, 1_000, 1_001, furthest, furthest + 1].map((at) =>
    timeProblems(at, 1_000).map(({ field, code }) => `${field} ${code}`),
  );
  const wrong = ["sendAt INVALID_VALUE"];
  expect(codes).toEqual([wrong, wrong, [], [], wrong]);
});

describe("the fully-qualified form of an emoji", () => {
  test.for([
    ["❤", "❤️"],
    ["❤\ufe0e", "❤️"],
    ["❤️", "❤️"],
    ["👍", "👍"],
    ["👍\ufe0f", "👍"],
    ["1\u20e3", "1️⃣"],
    ["#️⃣", "#️⃣"],
    ["🏳\u200d🌈", "🏳️‍🌈"],
    ["👁\u200d🗨", "👁️‍🗨️"],
    ["⛹🏽\u200d♂", "⛹🏽‍♂️"],
    ["👩\u200d⚕", "👩‍⚕️"],
    ["👩🏻\u200d❤\u200d💋\u200d👨🏿", "👩🏻‍❤️‍💋‍👨🏿"],
    ["🏴󠁧󠁢󠁳󠁣󠁴󠁿", "🏴󠁧󠁢󠁳󠁣󠁴󠁿"],
    ["1", null],
    ["#", null],
    ["\ufe0f", null],
    ["❤❤", null],
    ["🌲🏽", null],
    ["a❤", null],
    ["", null],
  ] as const)("%s is %s", ([text, full]) => {
    expect(emojiOf(text)).toBe(full);
  });

  test("exists for every emoji that is text by default", () => {
    const full = new RegExp("^\\p{RGI_Emoji}$", "v");
    const characters = Array.from({ length: 0x20000 }, (_, code) => code)
      .filter((code) => code < 0xd800 || code > 0xdfff)
      .map((code) => String.fromCodePoint(code))
      .filter((character) => full.test(`${character}\ufe0f`));
    expect(characters.length).toBeGreaterThan(200);
    for (const character of characters) expect(emojiOf(character)).toBe(`${character}\ufe0f`);
  });
});
