import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { onRelease } from "../kit/resources.ts";

const root = join(import.meta.dirname, "../..");
const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
const run = promisify(execFile);

/** A new user's project, which has the built SDK and no other Parley code. */
export interface SdkProject {
  readonly folder: string;
  /** Compiles a file with the strictest options. Returns the errors; empty if none. */
  compileErrors(file: string): Promise<string>;
}

export interface StrangerOptions {
  /** Packages of this repository to install beside the SDK. */
  packages?: string[];
  compilerOptions?: Record<string, unknown>;
}

/** Creates a project in a temporary folder, which is removed after the test file. */
export async function makeSdkProject({
  packages = [],
  compilerOptions = {},
}: StrangerOptions = {}): Promise<SdkProject> {
  const folder = await mkdtemp(join(tmpdir(), "parley-sdk-"));
  onRelease(() => rm(folder, { recursive: true, force: true }));
  const installed = join(folder, "node_modules/@parley/sdk");
  await mkdir(installed, { recursive: true });
  await cp(join(root, "sdk/package.json"), join(installed, "package.json"));
  await run(process.execPath, [tsc, "-p", join(root, "sdk"), "--outDir", join(installed, "dist")]);
  for (const name of packages) {
    await mkdir(join(folder, "node_modules", name, ".."), { recursive: true });
    await symlink(join(root, "node_modules", name), join(folder, "node_modules", name));
  }
  await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  const options = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    target: "es2023",
    module: "nodenext",
    types: [],
    ...compilerOptions,
  };
  return {
    folder,
    async compileErrors(file) {
      const config = { compilerOptions: options, files: [file] };
      await writeFile(join(folder, "tsconfig.json"), JSON.stringify(config));
      try {
        return (await run(process.execPath, [tsc, "-p", folder])).stdout;
      } catch (error) {
        return String((error as { stdout: unknown }).stdout);
      }
    },
  };
}
