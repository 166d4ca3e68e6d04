/** The app's path of a room. */
export function roomPath(slug: string): string {
  return `/r/${encodeURIComponent(slug)}`;
}
