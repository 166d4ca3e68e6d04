import { existsSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { createParley, type Parley } from "@parley/sdk";
import { beforeAll, describe, expect, test } from "vitest";
import { Child } from "../kit/child.ts";
import { createDatabase } from "../kit/database.ts";
import { onRelease } from "../kit/resources.ts";
import { startServer, type TestServer } from "../kit/server.ts";
import { makeSdkProject, type SdkProject } from "./sdk-project.ts";

const root = join(import.meta.dirname, "../..");
const tsx = createRequire(import.meta.url).resolve("tsx");

/** The code blocks of a document that are complete programs. */
function programs(file: string): string[] {
  const text = readFileSync(join(root, file), "utf8");
  return [...text.matchAll(/^```ts\n(.*?)^```$/gms)]
    .map(([, code = ""]) => code)
    .filter((code) => code.includes('from "@parley/sdk"'));
}

const documents = ["sdk/README.md", "README.md"].filter((file) => existsSync(join(root, file)));
const bots = documents.flatMap((file) => programs(file).map((code) => ({ file, code })));

/** The server address in the documents. */
const ADDRESS = "http://localhost:4000";
/** Timeout in milliseconds: compiling and starting programs is slow on a busy machine. */
const PATIENCE = 60_000;

test("the README has a bot of about ten lines", () => {
  const [bot] = programs("sdk/README.md");
  const lines = bot?.split("\n").filter((line) => line.trim() !== "") ?? [];
  expect(lines.length).toBeGreaterThan(5);
  expect(lines.length).toBeLessThanOrEqual(12);
});

describe.for(bots)("the bot in $file", ({ code }) => {
  let project: SdkProject;
  let server: TestServer;

  beforeAll(async () => {
    project = await makeSdkProject({
      packages: ["ws"],
      compilerOptions: { lib: ["es2023", "dom"] },
    });
    server = await startServer({ databaseUrl: (await createDatabase()).url });
    // The only difference from the document: test servers listen on free ports.
    expect(code).toContain(`"${ADDRESS}/graphql"`);
    await writeFile(join(project.folder, "bot.ts"), code.replace(ADDRESS, server.url));
  });

  test("type-checks in a new project", { timeout: PATIENCE }, async () => {
    expect(await project.compileErrors("bot.ts")).toBe("");
  });

  test("echoes in the lobby, also after a restart", { timeout: PATIENCE }, async () => {
    const ada = createParley({ url: `${server.url}/graphql` });
    onRelease(() => ada.close());
    await ada.signUp({ username: "ada", password: "a long password" });
    const { lobby } = await ada.server();
    if (lobby === null) throw new Error("There is no lobby.");
    for (const text of ["hello", "hello again"]) {
      const bot = startBot();
      expect(await echoOf(ada, lobby.id, text)).toBe(`You said: ${text}`);
      await bot.end("SIGKILL");
    }
  });

  function startBot(): Child {
    const program = join(project.folder, "bot.ts");
    const bot = new Child(process.execPath, ["--import", tsx, program], {
      name: "bot",
      cwd: project.folder,
      env: { PATH: process.env["PATH"] },
    });
    onRelease(async () => {
      if (bot.isRunning) await bot.end("SIGKILL");
    });
    return bot;
  }
});

/**
 * Sends a message until the bot echoes it, because a bot receives only messages sent after its
 * start.
 */
async function echoOf(ada: Parley, lobbyId: string, text: string): Promise<string> {
  const abort = new AbortController();
  const viewer = await ada.viewer();
  const stream = ada.events({ after: viewer?.cursor, signal: abort.signal });
  const saying = (async () => {
    while (!abort.signal.aborted) {
      await ada.sendMessage(lobbyId, text);
      await delay(200);
    }
  })();
  for await (const event of stream) {
    if (event.__typename !== "MessageSent" || event.message.author.username === "ada") continue;
    if (!event.message.body.endsWith(text)) continue;
    abort.abort();
    await saying;
    return event.message.body;
  }
  throw new Error("The stream ended.");
}
