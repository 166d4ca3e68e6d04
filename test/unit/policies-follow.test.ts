import { expect, test } from "vitest";
import { canFollow, canMute, hearsFeed } from "../../server/domain/follow/follow.policy.ts";
import { canDeletePost } from "../../server/domain/post/post.policy.ts";

test("everybody may follow and mute anybody but themselves", () => {
  for (const isSelf of [true, false]) {
    expect(canFollow({ isSelf })).toBe(!isSelf);
    expect(canMute({ isSelf })).toBe(!isSelf);
  }
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
