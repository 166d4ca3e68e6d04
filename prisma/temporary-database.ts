import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { startEmbeddedPostgres } from "../server/infra/database/embedded/embedded-postgres.ts";

/**
 * Runs `work` with an empty PostgreSQL that is removed afterwards.
 *
 * @param work receives the URL of an empty database
 */
export async function withTemporaryDatabase<T>(work: (url: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "parley-database-"));
  // Root runs PostgreSQL as another user, who must reach the data below.
  await chmod(folder, 0o711);
  try {
    const postgres = await startEmbeddedPostgres({
      dataDir: join(folder, "postgres"),
      log: () => undefined,
    });
    try {
      return await work(postgres.url);
    } finally {
      await postgres.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
