import { StartupError } from "../../../kernel/startup-error.ts";
import type { OsUser } from "./system.ts";
import { run } from "./system.ts";

/** The user that is created when there is no `postgres`. */
const CREATED_USER = "parley-postgres";

/** Whether this process is root, as whom PostgreSQL refuses to run. */
export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/**
 * The user that PostgreSQL runs as when Parley is started by root: `postgres`, or a system user
 * without a home that is created for it.
 *
 * @throws StartupError when there is none and none can be created
 */
export async function databaseUser(): Promise<OsUser> {
  const existing = (await userNamed("postgres")) ?? (await userNamed(CREATED_USER));
  if (existing) return existing;
  const made = await run("useradd", [
    "--system",
    "--user-group",
    "--no-create-home",
    "--shell",
    "/usr/sbin/nologin",
    CREATED_USER,
  ]);
  // Of two that start at the same time, one finds the user already made: look before judging.
  const created = await userNamed(CREATED_USER);
  if (created) return created;
  throw new StartupError(
    `PostgreSQL does not run as root, and no user could be made for it: ${made.stderr.trim() || `useradd ended with code ${made.code}`}`,
    "Start Parley as a normal user, create a system user named `postgres`, or set DATABASE_URL",
  );
}

/**
 * The user with a numeric id.
 *
 * @param uid user id
 * @param gid group id that its files have
 */
export async function userWithId(uid: number, gid: number): Promise<OsUser> {
  const { code, stdout } = await run("id", ["-un", String(uid)]);
  return { uid, gid, name: code === 0 ? stdout.trim() : String(uid) };
}

async function userNamed(name: string): Promise<OsUser | undefined> {
  const [uid, gid] = await Promise.all([run("id", ["-u", name]), run("id", ["-g", name])]);
  if (uid.code !== 0 || gid.code !== 0) return undefined;
  return { uid: Number(uid.stdout), gid: Number(gid.stdout), name };
}
