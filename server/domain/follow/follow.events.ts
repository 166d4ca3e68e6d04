import { defineEvent, shape } from "../../log/define-event.ts";
import type { UserRecord } from "../user/user.record.ts";

/** Appended twice, once for each of the two users. */
export const userFollowed = defineEvent({
  type: "FOLLOWED",
  payload: shape<{ follower: UserRecord; followed: UserRecord }>(),
});

/** Appended twice, once for each of the two users. */
export const userUnfollowed = defineEvent({
  type: "UNFOLLOWED",
  payload: shape<{ follower: UserRecord; followed: UserRecord }>(),
});

/** For the user who mutes. */
export const personMuted = defineEvent({
  type: "PERSON_MUTED",
  payload: shape<{ person: UserRecord }>(),
});

/** For the user who unmutes. */
export const personUnmuted = defineEvent({
  type: "PERSON_UNMUTED",
  payload: shape<{ person: UserRecord }>(),
});

export const followEvents = [userFollowed, userUnfollowed, personMuted, personUnmuted];
