import { expect, test } from "vitest";
import { canBlock } from "../../server/domain/block/block.policy.ts";
import { canWriteTo } from "../../server/domain/direct/direct.policy.ts";
import { participantsKeyOf } from "../../server/domain/direct/participants-key.ts";
import { canFollow, canMute, receivesFeed } from "../../server/domain/follow/follow.policy.ts";
import { canDeletePost, canReadPosts } from "../../server/domain/post/post.policy.ts";

test("users may follow, mute and block anyone but themselves", () => {
  for (const isSelf of [true, false]) {
    expect(canFollow({ isSelf, isBlocked: false })).toBe(!isSelf);
    expect(canMute({ isSelf })).toBe(!isSelf);
    expect(canBlock({ isSelf })).toBe(!isSelf);
  }
});

test("a block prevents following, reading posts, and one-to-one messages", () => {
  expect(canFollow({ isSelf: false, isBlocked: true })).toBe(false);
  for (const isBlocked of [true, false]) {
    expect(canReadPosts({ isBlocked })).toBe(!isBlocked);
    expect(canWriteTo({ people: 1, isBlocked: false, isNewToBlocked: false })).toBe(true);
    expect(canWriteTo({ people: 2, isBlocked, isNewToBlocked: false })).toBe(!isBlocked);
    expect(canWriteTo({ people: 3, isBlocked, isNewToBlocked: false })).toBe(true);
  }
  expect(canWriteTo({ people: 3, isBlocked: true, isNewToBlocked: true })).toBe(false);
});

test("a set of users has the same key in any order", () => {
  expect(participantsKeyOf(["b", "a", "c", "a"])).toBe("a,b,c");
  expect(participantsKeyOf(["c", "b", "a"])).toBe("a,b,c");
  expect(participantsKeyOf(["a"])).toBe("a");
});

test.for([
  [true, false, true],
  [true, true, false],
  [false, false, false],
  [false, true, false],
] as const)("follows: %s, mutes: %s → receives posts: %s", ([follows, mutes, receives]) => {
  expect(receivesFeed({ follows, mutes })).toBe(receives);
});

test("only the author may delete a post", () => {
  expect(canDeletePost({ isAuthor: true })).toBe(true);
  expect(canDeletePost({ isAuthor: false })).toBe(false);
});
