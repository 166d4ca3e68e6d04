export interface UserRecord {
  id: string;
  username: string;
  usernameKey: string;
  displayName: string;
  createdAt: Date;
  /** The user's picture, an upload. */
  avatarId: string | null;
  statusText: string | null;
  /** Time of the last change to the profile; null if it never changed. */
  changedAt: Date | null;
}
