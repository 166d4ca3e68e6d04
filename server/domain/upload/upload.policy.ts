import type { UploadUse } from "./upload.store.ts";

/**
 * Who may have a file: of a person's picture everyone who is signed in, of all else whoever may see
 * what it belongs to, at the moment of asking.
 *
 * @param seesOwner whether the viewer may see the message or the room
 */
export function canDownload(use: UploadUse, seesOwner: boolean): boolean {
  return use === "USER" || seesOwner;
}

/**
 * Whether the operator takes files of this type.
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

/** Kinds of pictures without a place for metadata, which may be passed on as they are. */
const PLAIN_PICTURES = new Set([
  "image/svg+xml",
  "image/bmp",
  "image/x-icon",
  "image/vnd.microsoft.icon",
]);

/** Whether a picture that cannot be written anew may hold what its owner does not know of, such as a place. */
export function canContainMetadata(mediaType: string): boolean {
  return mediaType.startsWith("image/") && !PLAIN_PICTURES.has(mediaType);
}
