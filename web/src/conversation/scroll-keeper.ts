/** The part of an element's API that the scroll keeper uses. */
export interface ScrollBox {
  scrollTop: number;
  readonly scrollHeight: number;
  readonly clientHeight: number;
}

export interface ScrollKeeper {
  /** Whether the newest message is in view, so that the list follows new messages. */
  pinned(): boolean;
  /** Call it on every scroll event. */
  scrolled(): void;
  /** Call it when the box or its content changes size. */
  resized(): void;
  /** Changes the list without moving the rows in view. */
  around(change: () => void): void;
  toBottom(): void;
}

/** The reader follows the conversation within this distance from the end, in pixels. */
export const PIN_DISTANCE = 64;

/**
 * Keeps the reader's place in a list that grows at both ends. At the bottom, the list follows new
 * rows; elsewhere, the row at the top edge stays in place. Turn off the browser's scroll anchoring
 * for the box: Safari has none, and elsewhere both would add up.
 *
 * @param box the scroll container
 * @param anchor finds the row at the top edge; returns a function that returns the row's current
 *   offset from the content's start, in pixels, or undefined if the row is gone
 * @param onPinned called when `pinned()` changes
 */
export function makeScrollKeeper(
  box: ScrollBox,
  anchor: () => () => number | undefined,
  onPinned: (pinned: boolean) => void,
): ScrollKeeper {
  let pinned = true;
  // A size change also fires scroll events; only with an unchanged height did the reader scroll.
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
