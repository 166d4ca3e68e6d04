import type { Viewer } from "../kernel/viewer.ts";
import { NotAuthenticatedError } from "../kernel/errors.ts";

/**
 * The viewer behind an operation.
 *
 * @throws NotAuthenticatedError without one
 */
export function requireViewer(viewer: Viewer | null): Viewer {
  if (viewer === null) throw new NotAuthenticatedError();
  return viewer;
}
