import { NIL_UUID } from "../../kernel/ids.ts";
import { defineEvent, shape } from "../../log/define-event.ts";
import type { EmbeddedReference } from "../../log/reference.ts";
import type { UserRecord } from "./user.record.ts";

/** Stored payloads name users by id, so a new name is in all replays and a deleted one in none. */
export const userReference: EmbeddedReference<UserRecord> = {
  idField: "personId",
  keyField: "usernameKey",
  record: shape<UserRecord>(),
};

export const userChanged = defineEvent({
  type: "USER_CHANGED",
  topic: () => NIL_UUID,
  payload: shape<{ user: UserRecord }>(),
});

/** Very many earlier events contain the user's name, and deletions are rare. */
export const userDeleted = defineEvent({
  type: "USER_DELETED",
  topic: () => NIL_UUID,
  payload: shape<{ user: UserRecord }>(),
  revises: "RELOAD",
});

export const userEvents = [userChanged, userDeleted];
