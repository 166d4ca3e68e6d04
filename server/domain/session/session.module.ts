import type { UserRecord } from "../../log/records.ts";
import type { KeptSession } from "./session.store.ts";

declare module "../../kernel/viewer.ts" {
  interface Viewer {
    user: UserRecord;
    session: KeptSession;
  }
}
