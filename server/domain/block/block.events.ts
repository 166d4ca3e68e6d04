import { defineEvent, shape } from "../../log/define-event.ts";
import type { UserRecord } from "../user/user.record.ts";

/** For the user who blocks. */
export const personBlocked = defineEvent({
  type: "PERSON_BLOCKED",
  payload: shape<{ person: UserRecord }>(),
});

/** For the user who unblocks. */
export const personUnblocked = defineEvent({
  type: "PERSON_UNBLOCKED",
  payload: shape<{ person: UserRecord }>(),
});

export const blockEvents = [personBlocked, personUnblocked];
