/** The times that end a session, in milliseconds since the Unix epoch. */
export interface SessionTimes {
  expiresAt: number;
  lastUsedAt: number;
}

/** A session lasts until it expires, or until it has been unused for `idleMs`. */
export function canUseSession(session: SessionTimes, now: number, idleMs: number): boolean {
  return now < session.expiresAt && now - session.lastUsedAt < idleMs;
}
