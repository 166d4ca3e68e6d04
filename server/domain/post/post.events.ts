import { defineEvent, shape } from "../../log/define-event.ts";
import type { RowReference } from "../../log/reference.ts";
import type { UserRecord } from "../user/user.record.ts";
import type { PostRecord } from "./post.record.ts";

/** The text of a post is in its own row only. */
export const postReference: RowReference<"post", "postId", PostRecord> = {
  field: "post",
  idField: "postId",
  column: null,
  row: shape<PostRecord>(),
};

/** For the feed of the author. */
export const postPublished = defineEvent({
  type: "POST_PUBLISHED",
  reference: postReference,
  payload: shape<object>(),
});

/** For the feed of the author. */
export const postDeleted = defineEvent({
  type: "POST_DELETED",
  payload: shape<{ postId: string; author: UserRecord }>(),
  revises: {
    revise: (earlier, { payload: { postId } }) =>
      postPublished.is(earlier) && earlier.payload.post.id === postId ? null : earlier,
  },
});

export const postEvents = [postPublished, postDeleted];
