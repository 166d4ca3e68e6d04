import { expect, it } from "vitest";
import { belongsToRooms } from "../../web/src/connection/list-event.ts";

const frame = { cursor: "1", at: "2026-11-21T09:00:00.000Z", conversationId: "talk" };
const membership = {
  id: "m",
  role: "MEMBER" as const,
  lastReadSeq: 0,
  markRevision: 0,
  user: { id: "u", username: "ada", displayName: "Ada" },
};
const conversation = { id: "talk", createdAt: frame.at, lastSeq: 0, countedMessages: 0 };

it("takes the joining of a room into the list of rooms, and not that of a direct conversation", () => {
  expect(
    belongsToRooms({
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
    belongsToRooms({
      __typename: "MemberJoined",
      ...frame,
      membership,
      conversation: { __typename: "DirectConversation", ...conversation },
    }),
  ).toBe(false);
  expect(belongsToRooms({ __typename: "SessionEnded", ...frame, sessionId: "s" })).toBe(true);
});
