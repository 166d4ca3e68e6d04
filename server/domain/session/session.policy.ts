/** What ends a session by itself, in milliseconds since the epoch. */
export interface SessionTimes {
  expiresAt: number;
  lastUsedAt: number;
}

/** A session lasts until it expires or has been unused for `idleMs`. */
export function canUseSession(session: SessionTimes, now: number, idleMs: number): boolean {
  return now < session.expiresAt && now - session.lastUsedAt < idleMs;
}
