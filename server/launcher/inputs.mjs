import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";

/**
 * Returns a fingerprint of file contents. Contents rather than times: a fresh checkout or a reverted
 * change must not cause a rebuild.
 *
 * @param {readonly string[]} paths files, and folders with everything below them
 * @param {(path: string, content: Buffer) => boolean} [counts] whether a file matters; default: all
 * @returns {Promise<string>}
 */
export async function fingerprint(paths, counts = () => true) {
  const files = (await Promise.all(paths.map(filesBelow))).flat().sort();
  const hash = createHash("sha256");
  const contents = await Promise.all(files.map((file) => readFile(file)));
  for (const [index, file] of files.entries()) {
    const content = contents[index];
    if (content === undefined || !counts(file, content)) continue;
    hash.update(`${file}\0${content.length}\0`).update(content);
  }
  return hash.digest("hex");
}

/**
 * @param {string} path
 * @returns {Promise<string[]>}
 */
async function filesBelow(path) {
  const kind = await stat(path).catch(() => undefined);
  if (kind === undefined) return [];
  if (!kind.isDirectory()) return [path];
  const names = await readdir(path);
  const below = names
    .filter((name) => name !== "node_modules" && name !== "dist")
    .map((name) => filesBelow(join(path, name)));
  return (await Promise.all(below)).flat();
}
