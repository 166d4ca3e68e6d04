import { expect, it } from "vitest";
import { isRoomListEvent } from "../../web/src/connection/room-list-event.ts";

const frame = { cursor: "1", at: "2026-11-21T09:00:00.000Z", conversationId: "talk" };
const membership = {
  id: "m",
  role: "MEMBER" as const,
  lastReadSeq: 0,
  markRevision: 0,
  user: { id: "u", username: "ada", displayName: "Ada" },
};
const conversation = { id: "talk", createdAt: frame.at, lastSeq: 0, countedMessages: 0 };

it("the room list accepts joins to rooms but not to direct conversations", () => {
  expect(
    isRoomListEvent({
      __typename: "MemberJoined",
      ...frame,
      membership,
      conversation: {
        __typename: "Room",
        ...conversation,
        slug: "tea",
        name: "Tea",
        topic: null,
        memberCount: 1,
      },
    }),
  ).toBe(true);
  expect(
    isRoomListEvent({
      __typename: "MemberJoined",
      ...frame,
      membership,
      conversation: { __typename: "DirectConversation", ...conversation },
    }),
  ).toBe(false);
  expect(isRoomListEvent({ __typename: "SessionEnded", ...frame, sessionId: "s" })).toBe(true);
});
