import type { Viewer } from "../kernel/viewer.ts";
import { NotAuthenticatedError } from "../kernel/errors.ts";

/**
 * Returns the viewer of an operation.
 *
 * @throws NotAuthenticatedError without a viewer
 */
export function requireViewer(viewer: Viewer | null): Viewer {
  if (viewer === null) throw new NotAuthenticatedError();
  return viewer;
}
