import type { Client } from "@urql/core";
import { describeError } from "../app/describe-error.ts";
import { JOIN_ROOM, LEAVE_ROOM } from "./documents.ts";

/**
 * Joins a room.
 *
 * @returns undefined on success, otherwise the reason as a sentence
 */
export async function joinRoom(client: Client, roomId: string): Promise<string | undefined> {
  const response = await client.mutation(JOIN_ROOM, { input: { roomId } }).toPromise();
  const result = response.data?.joinRoom;
  if (!result) return describeError(response.error);
  return result.__typename === "JoinRoomPayload" ? undefined : result.message;
}

/**
 * Leaves a room. No effect if not a member.
 *
 * @returns undefined on success, otherwise the reason as a sentence
 */
export async function leaveRoom(client: Client, roomId: string): Promise<string | undefined> {
  const response = await client.mutation(LEAVE_ROOM, { input: { roomId } }).toPromise();
  const result = response.data?.leaveRoom;
  if (!result) return describeError(response.error);
  const out = result.__typename === "LeaveRoomPayload" || result.__typename === "NotAMemberError";
  return out ? undefined : result.message;
}
