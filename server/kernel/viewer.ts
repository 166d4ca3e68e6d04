/**
 * The user and the session behind a request or a socket. The session slice declares the members, so
 * that code outside the domains can hand a viewer on without an import of a domain.
 */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- members are merged in
export interface Viewer {}

/** The sessions in use on this instance. */
export interface LiveSessions {
  /** Returns the viewer of a token, or null for an invalid token. Counts as a use of the session. */
  authenticate(token: string): Promise<Viewer | null>;
  /**
   * Keeps the session of an open socket or stream alive until `release`, and notifies the holder
   * when the session ends.
   */
  hold(holder: SessionHolder): void;
  release(holder: SessionHolder): void;
  /** Notifies a watcher of each change of the sessions held here. */
  watch(watcher: SessionWatcher): void;
  /**
   * Records that the user acted over an open socket. Counts as a use of the session and notifies the
   * watchers.
   */
  recordUse(viewer: Viewer): void;
  /** Removes the session's old token from the cache after the session received a new one. */
  evictToken(sessionId: string): void;
}

/** A socket or stream that is open for a session. There are many, so each is a plain object. */
export interface SessionHolder {
  /** The viewer of the session. Its user is replaced when the user changes. */
  readonly viewer: Viewer | null;
  /** Called when the session has ended. */
  sessionEnded(): void;
}

/** Observes the sessions on this instance. */
export interface SessionWatcher {
  /** Called when the session gets its first holder. */
  held(viewer: Viewer): void;
  /** Called when the session has lost its last holder. */
  released(viewer: Viewer): void;
  /** Called when the user of the session acted, by a request or over an open socket. */
  used(viewer: Viewer): void;
}
