import { applyMigrations } from "../prisma/migrate.ts";
import { startApp, type App } from "./app.ts";
import { readConfig, schemeOf } from "./config.ts";
import {
  startEmbeddedPostgres,
  type EmbeddedPostgres,
} from "./infra/database/embedded/embedded-postgres.ts";
import { StartupError } from "./kernel/startup-error.ts";

/** Maximum total time for stopping, in milliseconds; the process then exits. */
const STOP_LIMIT_MS = 9_500;

/** Prints a line for the person who starts the server. */
function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Aborts at the first stop signal, or when the supervisor dies without one. */
function stopSignal(): AbortSignal {
  const stopping = new AbortController();
  const stop = (): void => {
    if (stopping.signal.aborted) return;
    setTimeout(() => process.exit(1), STOP_LIMIT_MS).unref();
    stopping.abort();
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, stop);
  if (process.connected) process.on("disconnect", stop);
  return stopping.signal;
}

async function serve(signal: AbortSignal): Promise<void> {
  const config = readConfig();
  let embedded: EmbeddedPostgres | null = null;
  let app: App | null = null;
  try {
    if (config.DATABASE_URL === undefined) {
      const dataDir = `${config.PARLEY_DATA}/postgres`;
      embedded = await startEmbeddedPostgres({ dataDir, log: print, signal });
    }
    const databaseUrl = config.DATABASE_URL ?? embedded?.url ?? "";
    await applyMigrations(databaseUrl, { migrationsDir: config.migrationsDir, log: print });
    if (signal.aborted) return;
    app = await startApp(config, databaseUrl);
    const origin = `${schemeOf(config)}://localhost:${String(app.port)}`;
    // Below a supervisor, the supervisor prints the addresses.
    if (!process.connected) {
      print(`Parley is ready.\n  Web app      ${origin}/\n  Playground   ${origin}/graphql`);
    }
    if (!signal.aborted) {
      await new Promise((resolve) => {
        signal.addEventListener("abort", resolve, { once: true });
      });
    }
  } finally {
    // Also runs after a failed start, so that nothing keeps running.
    await app?.stop();
    await embedded?.stop();
  }
}

const signal = stopSignal();
try {
  await serve(signal);
  process.exit(0);
} catch (error) {
  // An error caused by the stop signal is not a failure.
  if (signal.aborted && error instanceof Error && error.name === "AbortError") process.exit(0);
  const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(
    error instanceof StartupError
      ? `✖ ${error.message} ${error.remedy}\n`
      : `✖ Parley ${signal.aborted ? "did not stop cleanly" : "could not start"}: ${reason}\n`,
  );
  process.exit(1);
}
