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
  /** Records that the user acted over an open socket: a use of the session, which watchers see. */
  noteUse(viewer: Viewer): void;
  /** Removes the session's old token from the cache after the session received a new one. */
  forgetToken(sessionId: string): void;
}

/** A socket or stream that is open for a session. There are many, so each is a plain object. */
export interface SessionHolder {
  /** The viewer behind it; its user is replaced when the user changes. */
  readonly viewer: Viewer | null;
  /** The session has ended. */
  sessionEnded(): void;
}

/** Observes the sessions on this instance. */
export interface SessionWatcher {
  /** The session has its first holder. */
  held(viewer: Viewer): void;
  /** The session has lost its last holder. */
  released(viewer: Viewer): void;
  /** The user of the session acted, by a request or over an open socket. */
  used(viewer: Viewer): void;
}
