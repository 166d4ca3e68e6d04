/** Where a room lives in the app. */
export function roomPath(slug: string): string {
  return `/r/${encodeURIComponent(slug)}`;
}
