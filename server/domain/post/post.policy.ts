/**
 * The inputs of decisions about a post: whether the viewer is the author, and whether a block exists
 * between viewer and author.
 */
export interface PostRights {
  isAuthor: boolean;
  isBlocked: boolean;
}

/** Every logged-in user may read posts, unless a block exists between viewer and author. */
export function canReadPosts(rights: Pick<PostRights, "isBlocked">): boolean {
  return !rights.isBlocked;
}

/** Only the author may delete a post. */
export function canDeletePost(rights: Pick<PostRights, "isAuthor">): boolean {
  return rights.isAuthor;
}
