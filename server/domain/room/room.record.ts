export interface RoomRecord {
  id: string;
  kind: "ROOM";
  visibility: "PUBLIC" | "PRIVATE";
  createdAt: Date;
  slug: string;
  name: string;
  topic: string | null;
  isLobby: boolean;
  /** The room's picture, an upload. */
  pictureId: string | null;
  /** Time of the archiving; null for a room that accepts messages. */
  archivedAt: Date | null;
  /** Minimum seconds between two messages of a plain member; 0 for no limit. */
  slowModeSeconds: number;
}
