import type { UserRecord } from "../user/user.record.ts";
import type { RoomRecord } from "./room.record.ts";

/** An invitation of a user into a room. */
export interface InviteRecord {
  id: string;
  room: RoomRecord;
  user: UserRecord;
  inviter: UserRecord;
  createdAt: Date;
}
