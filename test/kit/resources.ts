type Release = () => Promise<void> | void;

const releases: Release[] = [];

/**
 * Registers how to release a resource of a test file. The kit registers everything that it starts, so
 * tests need no clean-up; setup.ts releases in reverse order after the file.
 */
export function onRelease(release: Release): void {
  releases.push(release);
}

/** Releases everything; throws the first failure at the end. */
export async function releaseAll(): Promise<void> {
  const failures: unknown[] = [];
  for (let release = releases.pop(); release !== undefined; release = releases.pop()) {
    try {
      await release();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}
