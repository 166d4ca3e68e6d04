import type { UserRecord } from "../user/user.record.ts";

export interface DirectRecord {
  id: string;
  kind: "DIRECT";
  visibility: "PRIVATE";
  createdAt: Date;
  /** The participants never change. */
  participants: UserRecord[];
}
