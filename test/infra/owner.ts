// A process that starts the embedded PostgreSQL and keeps it, as a server does; tests kill it.
import { startEmbeddedPostgres } from "../../server/infra/database/embedded/embedded-postgres.ts";

const dataDir = process.argv[2];
if (dataDir === undefined) throw new Error("Which data folder?");
const say = (line: string): void => console.log(line);
const postgres = await startEmbeddedPostgres({ dataDir, log: say });
say(`owns ${postgres.url}`);
setInterval(() => undefined, 60_000);
