/** What there is between the viewer and another person. */
export interface Relationship {
  /** Whether the two are one. */
  isSelf: boolean;
  follows: boolean;
  mutes: boolean;
  /** Whether either has blocked the other. */
  isBlocked: boolean;
}

/** Everybody may follow anybody, unless one has blocked the other; but not themselves: they see their own posts anyway. */
export function canFollow(ties: Pick<Relationship, "isSelf" | "isBlocked">): boolean {
  return !ties.isSelf && !ties.isBlocked;
}

/** The same for turning a deaf ear. */
export function canMute(ties: Pick<Relationship, "isSelf">): boolean {
  return !ties.isSelf;
}

/** What somebody publishes reaches those who follow them and have not muted them. */
export function receivesFeed(ties: Pick<Relationship, "follows" | "mutes">): boolean {
  return ties.follows && !ties.mutes;
}
