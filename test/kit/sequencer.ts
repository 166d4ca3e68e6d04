import { BaseSequencer, type TestSpecification } from "vitest/node";

/** The projects of one group, slowest files first. */
const SLOWEST_FIRST = ["realtime", "api", "unit"];

/**
 * Runs slow files first, so that both workers finish together. Within a project, vitest sorts by the last
 * durations, or by size without them.
 */
export class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ project }: TestSpecification): number => SLOWEST_FIRST.indexOf(project.name);
    return (await super.sort(files)).toSorted((one, other) => rank(one) - rank(other));
  }
}
