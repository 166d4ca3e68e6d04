/**
 * The title of the window: what is unread, the page, the product.
 *
 * @param page what is shown, for example a room's name; undefined on the start page
 * @param unread how many messages wait in all conversations together
 */
export function windowTitle(page: string | undefined, unread: number): string {
  const count = unread > 99 ? "(99+) " : unread > 0 ? `(${unread}) ` : "";
  return count + (page === undefined ? "Parley" : `${page} · Parley`);
}
