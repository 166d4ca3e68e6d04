import { createRequire } from "node:module";
import { defineConfig, type TestProjectInlineConfiguration } from "vitest/config";
import { SlowestFirst } from "./test/kit/sequencer.ts";

const here = (path: string): string => new URL(path, import.meta.url).pathname;

const alias = [
  // Resolved as in Node: otherwise tests would load graphql's ES modules and packages its CommonJS ones,
  // and the two reject each other's schemas.
  { find: /^graphql$/, replacement: createRequire(import.meta.url).resolve("graphql") },
  // The SDK from its sources, as in the rest of this repository.
  { find: "@parley/sdk/state", replacement: here("sdk/src/state/index.ts") },
  { find: "@parley/sdk/node", replacement: here("sdk/src/node.ts") },
  { find: "@parley/sdk", replacement: here("sdk/src/index.ts") },
];

interface Weight {
  /** Maximum time of one test, in milliseconds. */
  testTimeout: number;
  /** Whether several of its files may run in parallel. */
  fileParallelism: boolean;
}

const LIGHT: Weight = { testTimeout: 15_000, fileParallelism: true };
/** One or two server processes, and passwords hashed at their real cost. */
const MIDDLE: Weight = { testTimeout: 40_000, fileParallelism: true };
/** Several server processes and a Redis each, which mostly wait for each other. */
const SEVERAL: Weight = { testTimeout: 120_000, fileParallelism: true };
/** The same with a browser, or with faults: two cores carry one such file at a time. */
const HEAVY: Weight = { testTimeout: 120_000, fileParallelism: false };

function project(
  name: string,
  order: number,
  weight: Weight,
  include: string[],
  exclude: string[] = [],
): TestProjectInlineConfiguration {
  return {
    resolve: { alias },
    test: {
      name,
      include,
      exclude,
      setupFiles: ["test/kit/setup.ts"],
      environment: "node",
      hookTimeout: 60_000,
      maxWorkers: weight.fileParallelism ? 2 : 1,
      sequence: { groupOrder: order },
      ...weight,
    },
  };
}

const API = ["test/api/**/*.test.ts", "test/sdk/**/*.test.ts", "test/kit/**/*.test.ts"];
const REALTIME = ["test/realtime/**/*.test.ts"];
const CHAOS = ["test/chaos/**/*.test.ts"];
const E2E = ["test/e2e/**/*.test.ts"];

export default defineConfig({
  test: {
    globalSetup: ["test/kit/global-setup.ts"],
    reporters: ["default", "./test/kit/reporter.ts"],
    sequence: { sequencer: SlowestFirst },
    projects: [
      // The first three run as one group, so that no worker waits for the end of a project.
      // "unit" has all other tests, so that none is left out.
      project("unit", 0, LIGHT, ["test/**/*.test.ts"], [...API, ...REALTIME, ...CHAOS, ...E2E]),
      project("api", 0, MIDDLE, API),
      project("realtime", 0, SEVERAL, REALTIME),
      project("chaos", 1, HEAVY, CHAOS),
      project("e2e", 2, HEAVY, E2E),
    ],
  },
});
