import { applyMigrations } from "../prisma/migrate.ts";
import { startApp } from "./app.ts";
import { readConfig } from "./config.ts";
import { startEmbeddedPostgres } from "./infra/database/embedded/embedded-postgres.ts";
import { StartupError } from "./kernel/startup-error.ts";

/** What a person reads while the server starts. */
function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Longest that stopping may take in all, in milliseconds; what hangs then is cut off. */
const STOP_LIMIT_MS = 9_500;

async function main(): Promise<void> {
  const config = readConfig();
  const stopping = new AbortController();
  const embedded =
    config.DATABASE_URL === undefined
      ? await startEmbeddedPostgres({
          dataDir: `${config.PARLEY_DATA}/postgres`,
          log: say,
          signal: stopping.signal,
        })
      : null;
  const stopDatabase = async (): Promise<void> => {
    await embedded?.stop();
  };
  try {
    const databaseUrl = config.DATABASE_URL ?? embedded?.url ?? "";
    await applyMigrations(databaseUrl, { migrationsDir: config.migrationsDir, log: say });
    const app = await startApp(config, databaseUrl);
    const origin = `http://localhost:${String(app.port)}`;
    // Below a supervisor, it is the supervisor who speaks.
    if (!process.connected)
      say(`Parley is ready.\n  Web app      ${origin}/\n  Playground   ${origin}/graphql`);

    let stopped = false;
    const stop = (): void => {
      if (stopped) return;
      stopped = true;
      setTimeout(() => process.exit(1), STOP_LIMIT_MS).unref();
      app
        .stop()
        .finally(stopDatabase)
        .then(
          () => process.exit(0),
          (error: unknown) => {
            process.stderr.write(`✖ Stopping failed: ${String(error)}\n`);
            process.exit(1);
          },
        );
    };
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, stop);
    // A supervisor that dies without a word takes its instances with it.
    if (process.connected) process.on("disconnect", stop);
  } catch (error) {
    await stopDatabase();
    throw error;
  }
}

main().catch((error: unknown) => {
  if (error instanceof StartupError) process.stderr.write(`✖ ${error.message} ${error.remedy}\n`);
  else
    process.stderr.write(
      `✖ Parley could not start: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
  process.exit(1);
});
