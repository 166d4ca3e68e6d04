/** What decides about a post: whether the viewer published it. */
export interface PostRights {
  isAuthor: boolean;
}

/** What somebody published is theirs to take back. */
export function canDeletePost(rights: PostRights): boolean {
  return rights.isAuthor;
}
