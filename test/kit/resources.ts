type Release = () => Promise<void> | void;

const releases: Release[] = [];

/**
 * Remembers how to give back what a test file has started. The kit calls this for everything it
 * starts, so a test needs no clean-up of its own; setup.ts releases, newest first, after the file.
 */
export function onRelease(release: Release): void {
  releases.push(release);
}

/** Gives everything back. All of it is tried; the first failure is thrown at the end. */
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
