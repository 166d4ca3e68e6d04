/** The relationship of the viewer to another user. */
export interface Relationship {
  /** Whether both are the same user. */
  isSelf: boolean;
  follows: boolean;
  mutes: boolean;
  /** Whether either has blocked the other. */
  isBlocked: boolean;
}

/** Users may follow anyone but themselves, unless blocked. Users always see their own posts. */
export function canFollow(ties: Pick<Relationship, "isSelf" | "isBlocked">): boolean {
  return !ties.isSelf && !ties.isBlocked;
}

/** Users may mute anyone but themselves. */
export function canMute(ties: Pick<Relationship, "isSelf">): boolean {
  return !ties.isSelf;
}

/** Posts reach followers who have not muted the author. */
export function receivesFeed(ties: Pick<Relationship, "follows" | "mutes">): boolean {
  return ties.follows && !ties.mutes;
}
