import { readFile, writeFile } from "node:fs/promises";
import { envExample } from "./config.ts";

// Writes .env.example from the settings. With --check, it only reports whether the file is up to date.
const path = ".env.example";
if (process.argv.includes("--check")) {
  const current = await readFile(path, "utf8").catch(() => "");
  if (current !== envExample()) {
    process.stderr.write(`${path} does not match server/config.ts. Run: npm run env:example\n`);
    process.exitCode = 1;
  }
} else await writeFile(path, envExample());
