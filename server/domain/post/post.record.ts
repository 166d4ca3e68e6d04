import type { UserRecord } from "../user/user.record.ts";

export interface PostRecord {
  id: string;
  author: UserRecord;
  clientId: string;
  body: string;
  createdAt: Date;
}
