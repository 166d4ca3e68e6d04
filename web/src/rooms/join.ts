import type { Client } from "@urql/core";
import { sentenceFor } from "../app/problem.ts";
import { JOIN_ROOM, LEAVE_ROOM } from "./documents.ts";

/**
 * Joins a room.
 *
 * @returns undefined when the person is a member now, else a sentence that says why not
 */
export async function joinRoom(client: Client, roomId: string): Promise<string | undefined> {
  const answer = await client.mutation(JOIN_ROOM, { input: { roomId } }).toPromise();
  const result = answer.data?.joinRoom;
  if (!result) return sentenceFor(answer.error);
  return result.__typename === "JoinRoomPayload" ? undefined : result.message;
}

/**
 * Leaves a room.
 *
 * @returns undefined when the person is no member any more, else a sentence that says why not
 */
export async function leaveRoom(client: Client, roomId: string): Promise<string | undefined> {
  const answer = await client.mutation(LEAVE_ROOM, { input: { roomId } }).toPromise();
  const result = answer.data?.leaveRoom;
  if (!result) return sentenceFor(answer.error);
  const out = result.__typename === "LeaveRoomPayload" || result.__typename === "NotAMemberError";
  return out ? undefined : result.message;
}
