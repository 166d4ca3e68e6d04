import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The first of the programs that is found on PATH, as a path. */
export function findOnPath(...names: string[]): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isProgram);
}

/** A Chromium or Chrome: CHROME_PATH, else on PATH, else where macOS has it. */
export function findBrowser(): string | undefined {
  const wanted = process.env["CHROME_PATH"];
  if (wanted !== undefined && wanted !== "") return isProgram(wanted) ? wanted : undefined;
  return (
    findOnPath("chromium", "chromium-browser", "google-chrome-stable", "google-chrome") ??
    [
      "/Applications/Chromium.app/Contents/MacOS/Chromium",
      "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    ].find(isProgram)
  );
}

/** `redis-server`, which several instances need. */
export function findRedisServer(): string | undefined {
  return findOnPath("redis-server");
}
