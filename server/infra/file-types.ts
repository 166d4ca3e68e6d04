import { isUtf8 } from "node:buffer";
import { detectXml } from "@file-type/xml";
import { FileTypeParser } from "file-type";

/** The media type of unknown content. */
export const UNKNOWN_TYPE = "application/octet-stream";

const parser = new FileTypeParser({ customDetectors: [detectXml] });
/** Content that a browser would treat as a page, regardless of its declared type. */
const HTML =
  /^\uFEFF?\s*(?:<!--[\s\S]*?-->\s*)*<(?:!doctype\s+html|html|head|body|title|meta|link|script|style|iframe|table|div|h1|p|a|img|svg|br|b|font)\b/i;
const HTML_WITHIN = 1_024;
/** Control characters that do not occur in text. */
// eslint-disable-next-line no-control-regex
const BINARY = /[\x00-\x08\x0E-\x1A\x1C-\x1F]/;

/**
 * Detects the media type of a file from its content; names are ignored.
 *
 * @param head the file's first bytes: all of them, or some hundred kilobytes
 * @returns a media type such as `image/png`; `application/octet-stream` if unknown
 */
export async function detectType(head: Uint8Array): Promise<string> {
  try {
    const found = await parser.fromBuffer(head);
    if (found !== undefined) return found.mime.split(";", 1)[0]?.trim() ?? UNKNOWN_TYPE;
  } catch {
    // The file ends in the middle of its format, so it cannot be trusted to have that format.
  }
  return textType(head);
}

function textType(head: Uint8Array): string {
  // The last character may be cut.
  const isText = [0, 1, 2, 3].some((cut) => isUtf8(head.subarray(0, head.length - cut)));
  const text = Buffer.from(head).toString("utf8");
  if (!isText || BINARY.test(text)) return UNKNOWN_TYPE;
  return HTML.test(text.slice(0, HTML_WITHIN)) ? "text/html" : "text/plain";
}
