/**
 * The window title: unread count, page and product.
 *
 * @param page title of the page, such as a room's name; undefined on the start page
 * @param unread number of unread messages in all conversations
 */
export function windowTitle(page: string | undefined, unread: number): string {
  const count = unread > 99 ? "(99+) " : unread > 0 ? `(${unread}) ` : "";
  return count + (page === undefined ? "Parley" : `${page} · Parley`);
}
