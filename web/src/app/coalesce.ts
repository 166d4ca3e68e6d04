/** Schedules the next frame. Hidden pages draw no frames, so a timer replaces it there. */
function nextFrame(run: () => void): void {
  if (document.visibilityState === "visible") requestAnimationFrame(run);
  else setTimeout(run, 100);
}

/**
 * Combines a burst of calls into one, so that a thousand messages are laid out once.
 *
 * @param run called once per burst
 * @param schedule schedules the run; default: the next frame
 * @returns the function to call each time
 */
export function coalesce(
  run: () => void,
  schedule: (run: () => void) => void = nextFrame,
): () => void {
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    schedule(() => {
      waiting = false;
      run();
    });
  };
}
