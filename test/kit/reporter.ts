import type { Reporter, SerializedError, TestCase, TestModule, Vitest } from "vitest/node";

/**
 * Follows vitest's own summary with the names of skipped tests, reasons included, and one plain
 * line of numbers that a program can read: `12 passed, 0 failed, 0 skipped`.
 */
export default class NumbersReporter implements Reporter {
  #isFiltered = false;

  onInit(vitest: Vitest): void {
    // What `vitest -t` leaves out needs no explanation.
    this.#isFiltered = vitest.config.testNamePattern !== undefined;
  }

  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string): number =>
      tests.filter((test) => test.result().state === state).length;
    // A file that could not be loaded, or a suite that could not be set up, has no failed test to
    // count, and is a failure; so is an error that nobody handled.
    const broken = modules.filter(
      (module) =>
        module.state() === "failed" && [...module.children.allTests("failed")].length === 0,
    );
    for (const test of tests) {
      if (test.result().state === "skipped" && !this.#isFiltered) {
        console.log(`Skipped: ${test.module.relativeModuleId} > ${test.fullName}${note(test)}`);
      }
    }
    // Nothing was run at all: the set-up failed, or a filter matches no file.
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
