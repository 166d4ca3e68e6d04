import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, expect, test } from "vitest";
import { makeSdkProject, type SdkProject } from "./sdk-project.ts";

let project: SdkProject;

beforeAll(async () => {
  project = await makeSdkProject({ compilerOptions: { lib: ["es2023", "dom"] } });
});

test("the built package type-checks in a strict browser project", { timeout: 60_000 }, async () => {
  await writeFile(
    join(project.folder, "consumer.ts"),
    `
import { createParley, InvalidInputError, OverloadedError, type Message } from "@parley/sdk";
import { makeTimeline } from "@parley/sdk/state";

const parley = createParley({ url: "http://127.0.0.1:9/graphql", webSocketImpl: WebSocket });
const timeline = makeTimeline<Message>({ isOwn: (message) => message.author.username === "me" });

export async function follow(): Promise<string> {
  for await (const event of parley.events({ types: ["MESSAGE_SENT"] })) {
    if (event.__typename === "MessageSent") timeline.add(event.message);
    if (event.__typename === "EventGap") return event.reason;
    // @ts-expect-error Ready only moves the cursor, so consumers never receive it.
    if (event.__typename === "Ready") return "";
  }
  return "";
}

export function wait(error: unknown): number | string {
  if (error instanceof OverloadedError) return error.retryAfterMs;
  if (error instanceof InvalidInputError) return error.fields.map((field) => field.message).join();
  return "";
}
`,
  );
  expect(await project.compileErrors("consumer.ts")).toBe("");
});

test("the built package runs without other packages", async () => {
  await writeFile(
    join(project.folder, "consumer.mjs"),
    `
import { createParley, NetworkError } from "@parley/sdk";
import { makeOutbox } from "@parley/sdk/state";

const parley = createParley({ url: "http://127.0.0.1:1/graphql" });
const failure = await parley.rooms().catch((error) => error);
console.log(failure instanceof NetworkError, failure.code, typeof makeOutbox);
`,
  );
  const program = join(project.folder, "consumer.mjs");
  const { stdout } = await promisify(execFile)(process.execPath, [program]);
  expect(stdout.trim()).toBe("true NETWORK function");
});
