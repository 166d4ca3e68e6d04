/** What decides about a post: whether the viewer published it, or is blocked by or blocks whoever did. */
export interface PostRights {
  isAuthor: boolean;
  isBlocked: boolean;
}

/** Posts are for everybody who is signed in, but for those whom a block keeps apart. */
export function canReadPosts(rights: Pick<PostRights, "isBlocked">): boolean {
  return !rights.isBlocked;
}

/** What somebody published is theirs to take back. */
export function canDeletePost(rights: Pick<PostRights, "isAuthor">): boolean {
  return rights.isAuthor;
}
