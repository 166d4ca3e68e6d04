/** What the keeper needs of the element that scrolls. */
export interface ScrollBox {
  scrollTop: number;
  readonly scrollHeight: number;
  readonly clientHeight: number;
}

export interface ScrollKeeper {
  /** Whether the newest message is in view, so that the list follows new ones. */
  pinned(): boolean;
  /** To be called on every scroll event. */
  scrolled(): void;
  /** To be called when the box or what is in it changed its size. */
  resized(): void;
  /** Makes a change to the list without moving what the reader looks at. */
  around(change: () => void): void;
  toBottom(): void;
}

/** This close to the end, in pixels, the reader is following the conversation. */
export const PIN_DISTANCE = 64;

/**
 * Keeps a reader's place in a list that grows at both ends: at the bottom the list follows what is
 * new; anywhere else the row at the top edge stays where it is. The browser's own scroll anchoring
 * is to be off for the box (Safari has none, and two of them would add up).
 *
 * @param box the element that scrolls
 * @param anchor where the row at the top edge of the box now stands, and where that same row stands
 *   later: returns a function that tells its distance from the content's start, in pixels, or
 *   undefined when the row is gone
 * @param onPinned called when `pinned()` changes
 */
export function makeScrollKeeper(
  box: ScrollBox,
  anchor: () => () => number | undefined,
  onPinned: (pinned: boolean) => void,
): ScrollKeeper {
  let pinned = true;
  // Sizes that change move the scroll position too; only then is it not the reader who moved it.
  let height = box.clientHeight;

  const toBottom = (): void => {
    box.scrollTop = box.scrollHeight;
    pin(true);
  };
  const pin = (next: boolean): void => {
    if (next === pinned) return;
    pinned = next;
    onPinned(next);
  };
  return {
    pinned: () => pinned,
    scrolled: () => {
      if (box.clientHeight !== height) return;
      pin(box.scrollHeight - box.scrollTop - box.clientHeight <= PIN_DISTANCE);
    },
    resized: () => {
      height = box.clientHeight;
      if (pinned) box.scrollTop = box.scrollHeight;
    },
    around: (change) => {
      if (pinned) {
        change();
        box.scrollTop = box.scrollHeight;
        return;
      }
      const place = anchor();
      const before = place();
      change();
      const after = place();
      if (before !== undefined && after !== undefined) box.scrollTop += after - before;
    },
    toBottom,
  };
}
