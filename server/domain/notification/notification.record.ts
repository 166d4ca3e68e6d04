/** A user's notification settings for a conversation. */
export interface NotificationRecord {
  level: "ALL" | "MENTIONS" | "NOTHING";
  /** Notifications are off until this time; null when not muted. */
  mutedUntil: Date | null;
}
