import { expect, test } from "vitest";
import { canBlock } from "../../server/domain/block/block.policy.ts";
import { canWriteToEachOther } from "../../server/domain/direct/direct.policy.ts";
import { peopleKeyOf } from "../../server/domain/direct/people-key.ts";
import { canFollow, canMute, hearsFeed } from "../../server/domain/follow/follow.policy.ts";
import { canDeletePost, canReadPosts } from "../../server/domain/post/post.policy.ts";

test("everybody may follow, mute and block anybody but themselves", () => {
  for (const isSelf of [true, false]) {
    expect(canFollow({ isSelf, isBlocked: false })).toBe(!isSelf);
    expect(canMute({ isSelf })).toBe(!isSelf);
    expect(canBlock({ isSelf })).toBe(!isSelf);
  }
});

test("a block stands between following, reading posts, and writing to one alone", () => {
  expect(canFollow({ isSelf: false, isBlocked: true })).toBe(false);
  for (const isBlocked of [true, false]) {
    expect(canReadPosts({ isBlocked })).toBe(!isBlocked);
    expect(canWriteToEachOther({ people: 1, isBlocked })).toBe(true);
    expect(canWriteToEachOther({ people: 2, isBlocked })).toBe(!isBlocked);
    expect(canWriteToEachOther({ people: 3, isBlocked })).toBe(true);
  }
});

test("a set of people has one key", () => {
  expect(peopleKeyOf(["b", "a", "c", "a"])).toBe("a,b,c");
  expect(peopleKeyOf(["c", "b", "a"])).toBe("a,b,c");
  expect(peopleKeyOf(["a"])).toBe("a");
});

test.for([
  [true, false, true],
  [true, true, false],
  [false, false, false],
  [false, true, false],
] as const)("follows: %s, mutes: %s → hears: %s", ([follows, mutes, hears]) => {
  expect(hearsFeed({ follows, mutes })).toBe(hears);
});

test("only the author deletes a post", () => {
  expect(canDeletePost({ isAuthor: true })).toBe(true);
  expect(canDeletePost({ isAuthor: false })).toBe(false);
});
