import type { Reporter, TestCase, TestModule } from "vitest/node";

/**
 * Follows vitest's own summary with the names of skipped tests, reasons included, and one plain
 * line of numbers that a program can read: `12 passed, 0 failed, 0 skipped`.
 */
export default class NumbersReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string): number =>
      tests.filter((test) => test.result().state === state).length;
    // A file that could not be loaded has no tests to count, but is a failure.
    const broken = modules.filter(
      (module) =>
        module.state() === "failed" && [...module.children.allTests("failed")].length === 0,
    );
    for (const test of tests) {
      if (test.result().state === "skipped" && !excluded(test)) {
        console.log(`Skipped: ${test.module.relativeModuleId} > ${test.fullName}${note(test)}`);
      }
    }
    const failed = count("failed") + broken.length;
    console.log(`${count("passed")} passed, ${failed} failed, ${count("skipped")} skipped`);
  }
}

/** Whether a name filter (`vitest -t`) left it out: nothing to explain. */
function excluded(test: TestCase): boolean {
  return test.options.mode === "run";
}

function note(test: TestCase): string {
  const result = test.result();
  return result.state === "skipped" && result.note !== undefined
    ? ` [skipped: ${result.note}]`
    : "";
}
