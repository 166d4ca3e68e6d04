/** Longest name that is kept, in bytes of UTF-8: file systems take 255. */
const MAX_BYTES = 200;
const EXTENSION = /\.[\p{L}\p{N}]{1,12}$/u;
/**
 * Control, formatting (what turns the direction of writing above all) and half characters. Joiners are
 * let through, for scripts and emoji need them.
 */
const HIDDEN = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]|(?!\u200C|\u200D)\p{Cf}/gu;
/** What some file systems or shells take for something else. */
const SPECIAL = /[<>:"|?*]/g;
/** Devices of Windows, whatever comes after a dot. */
const DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;
/** As people see letters: an emoji of several parts is not cut. */
const LETTERS = new Intl.Segmenter("en");
const EXTENSIONS: Readonly<Record<string, readonly string[]>> = {
  "image/jpeg": [".jpg", ".jpeg"],
  "image/png": [".png"],
  "image/gif": [".gif"],
  "image/webp": [".webp"],
};

/**
 * A name for a file that anybody may save without harm: without folders, without what does not show,
 * and not so long that it could not be stored. Never empty.
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

/** The name with an ending that tells what is in the file, where it told something else. */
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
