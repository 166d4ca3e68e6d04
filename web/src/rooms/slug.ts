export function roomPath(slug: string): string {
  return `/r/${encodeURIComponent(slug)}`;
}
