import type { Reporter, SerializedError, TestCase, TestModule, Vitest } from "vitest/node";

/**
 * Adds to vitest's summary the names of skipped tests with reasons, and one machine-readable line: `12
 * passed, 0 failed, 0 skipped`.
 */
export default class NumbersReporter implements Reporter {
  #isFiltered = false;

  onInit(vitest: Vitest): void {
    // Tests excluded by `vitest -t` need no explanation.
    this.#isFiltered = vitest.config.testNamePattern !== undefined;
  }

  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string): number =>
      tests.filter((test) => test.result().state === state).length;
    // A file that cannot be loaded, or a suite whose set-up fails, has no failed test but is a failure.
    // So is an unhandled error.
    const broken = modules.filter(
      (module) =>
        module.state() === "failed" && [...module.children.allTests("failed")].length === 0,
    );
    for (const test of tests) {
      if (test.result().state === "skipped" && !this.#isFiltered) {
        console.log(`Skipped: ${test.module.relativeModuleId} > ${test.fullName}${note(test)}`);
      }
    }
    // Nothing ran: the set-up failed, or a filter matches no file.
    const nothing = modules.length === 0 ? 1 : 0;
    const failed = count("failed") + broken.length + errors.length + nothing;
    console.log(`${count("passed")} passed, ${failed} failed, ${count("skipped")} skipped`);
  }
}

function note(test: TestCase): string {
  const result = test.result();
  return result.state === "skipped" && result.note !== undefined
    ? ` [skipped: ${result.note}]`
    : "";
}
