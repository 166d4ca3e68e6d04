import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { inject } from "vitest";
import { startApp, type App } from "../../server/app.ts";
import { readConfig } from "../../server/config.ts";
import { createDatabase, type TestDatabase } from "../kit/database.ts";
import { onRelease } from "../kit/resources.ts";

/** An instance inside the test's process, whose resources can be counted. */
export interface InProcess {
  readonly url: string;
  readonly app: App;
  readonly database: TestDatabase;
}

/** The resources of an instance without connections. */
export const NOTHING_HELD = {
  sockets: 0,
  streams: 0,
  signals: 0,
  people: 0,
  subscribers: 0,
  groups: 0,
};

/**
 * Starts an instance with a separate database. Stopped after the test file.
 *
 * @param env further settings by their names in server/config.ts
 */
export async function startInProcess(env: Record<string, string> = {}): Promise<InProcess> {
  const database = await createDatabase();
  const files = await mkdtemp(join(inject("scratch"), "files-"));
  const settings = {
    FILES_DIR: files,
    HOST: "127.0.0.1",
    PORT: "0",
    DATABASE_POOL: "8",
    LOG_LEVEL: "warn",
    ANNOUNCE_MEMBERS_MAX: "0",
    RATE_LIMITS: "false",
  };
  const app = await startApp(readConfig({ ...settings, ...env }), database.url);
  onRelease(() => app.stop());
  return { url: `http://127.0.0.1:${app.port}`, app, database };
}
