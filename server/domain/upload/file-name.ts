/** Maximum length of a stored name, in bytes of UTF-8; file systems allow 255. */
const MAX_BYTES = 200;
const EXTENSION = /\.[\p{L}\p{N}]{1,12}$/u;
/**
 * Control and format characters (such as those that change the text direction) and lone surrogates.
 * Joiners are allowed, because scripts and emoji need them.
 */
const HIDDEN = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]|(?!\u200C|\u200D)\p{Cf}/gu;
/** Characters with a special meaning in some file systems or shells. */
const SPECIAL = /[<>:"|?*]/g;
/** Device names of Windows, with any extension. */
const DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;
/** Segments text into user-perceived characters, so that a compound emoji is not cut. */
const LETTERS = new Intl.Segmenter("en");
const EXTENSIONS: Readonly<Record<string, readonly string[]>> = {
  "image/jpeg": [".jpg", ".jpeg"],
  "image/png": [".png"],
  "image/gif": [".gif"],
  "image/webp": [".webp"],
};

/**
 * Sanitizes a file name: without folders and invisible characters, and short enough to store. Never
 * empty.
 */
export function safeFileName(name: string): string {
  const last = name.normalize("NFC").split(/[/\\]/).at(-1) ?? "";
  const plain = last
    .replace(HIDDEN, "")
    .replace(SPECIAL, "_")
    .replace(/\s+/g, " ")
    .replace(/^[. ]+|[. ]+$/g, "");
  const safe = DEVICE.test(plain) ? `_${plain}` : plain;
  return shortened(safe === "" ? "file" : safe);
}

/** Adds the extension of the media type if the name has a different one. */
export function withExtension(name: string, mediaType: string): string {
  const known = EXTENSIONS[mediaType];
  if (known === undefined || known.some((ending) => name.toLowerCase().endsWith(ending)))
    return name;
  return shortened(`${name}${known[0] ?? ""}`);
}

function shortened(name: string): string {
  if (Buffer.byteLength(name) <= MAX_BYTES) return name;
  const extension = EXTENSION.exec(name)?.[0] ?? "";
  let room = MAX_BYTES - Buffer.byteLength(extension);
  let stem = "";
  for (const { segment } of LETTERS.segment(name.slice(0, name.length - extension.length))) {
    room -= Buffer.byteLength(segment);
    if (room < 0) break;
    stem += segment;
  }
  return stem.trimEnd() + extension;
}
