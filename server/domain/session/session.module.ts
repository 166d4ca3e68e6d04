import type { UserRecord } from "../../log/records.ts";
import { defineModule } from "../../module.ts";
import type { SessionService } from "./session.service.ts";
import type { KeptSession } from "./session.store.ts";
import "./session.schema.ts";
import "./session-events.schema.ts";

declare module "../../kernel/viewer.ts" {
  interface Viewer {
    user: UserRecord;
    session: KeptSession;
  }
}

declare module "../../graphql/services.ts" {
  interface Services {
    sessions: SessionService;
  }
}

export const sessionModule = defineModule({
  name: "session",
});
