import { StartupError } from "../../../kernel/startup-error.ts";
import type { OsUser } from "./system.ts";
import { run } from "./system.ts";

/** The user that is created if `postgres` does not exist. */
const CREATED_USER = "parley-postgres";

/** Whether this process is root; PostgreSQL refuses to run as root. */
export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/**
 * Returns the user for PostgreSQL when root starts Parley: `postgres`, or a new system user without a
 * home.
 *
 * @throws StartupError if there is none and none can be created
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
  // If two processes start together, the other may have created the user already.
  const created = await userNamed(CREATED_USER);
  if (created) return created;
  throw new StartupError(
    `PostgreSQL does not run as root, and no user could be created for it: ${made.stderr.trim() || `useradd ended with code ${made.code}`}`,
    "Start Parley as a normal user, create a system user named `postgres`, or set DATABASE_URL",
  );
}

/**
 * Returns the user with a numeric id.
 *
 * @param uid user id
 * @param gid group id of its files
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
