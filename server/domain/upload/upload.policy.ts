import type { UploadUse } from "./upload.store.ts";

/**
 * Whether a user may download a file: a user's picture needs a session; other files need access to their
 * message or room at that moment.
 *
 * @param seesOwner whether the viewer may see the message or the room
 */
export function canDownload(use: UploadUse, seesOwner: boolean): boolean {
  return use === "USER" || seesOwner;
}

/**
 * Whether the operator accepts this media type.
 *
 * @param allowed media types, `image/*` for a whole kind; empty for all
 */
export function isAllowedType(mediaType: string, allowed: readonly string[]): boolean {
  const [kind = ""] = mediaType.split("/", 1);
  return (
    allowed.length === 0 ||
    allowed.some((pattern) => ["*/*", `${kind}/*`, mediaType].includes(pattern))
  );
}

/** Picture formats without metadata, which are accepted unchanged. */
const PLAIN_PICTURES = new Set([
  "image/svg+xml",
  "image/bmp",
  "image/x-icon",
  "image/vnd.microsoft.icon",
]);

/** Whether a picture that cannot be re-encoded may contain hidden data, such as a location. */
export function canContainMetadata(mediaType: string): boolean {
  return mediaType.startsWith("image/") && !PLAIN_PICTURES.has(mediaType);
}
