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

/** Returns the path of the first of these programs on PATH. */
export function findOnPath(...names: string[]): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isProgram);
}

/** Returns a Chromium or Chrome: from CHROME_PATH, PATH, or its location on macOS. */
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

/** Returns `redis-server`, which several instances need. */
export function findRedisServer(): string | undefined {
  return findOnPath("redis-server");
}
