/** A file of a message. Never changes; deleted with the message. */
export interface AttachmentRecord {
  id: string;
  name: string;
  /** Detected from the content. */
  mediaType: string;
  /** Bytes. */
  size: number;
  /** Null for a file that is not a displayable picture. */
  picture: AttachedPicture | null;
}

/** Facts of a picture that a client needs before it loads the picture. All lengths in pixels. */
export interface AttachedPicture {
  width: number;
  height: number;
  isAnimated: boolean;
  thumbnail: { width: number; height: number };
  /** A few blurred pixels of it, as a `data:` URL. */
  preview: string;
}
