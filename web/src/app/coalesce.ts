/** When the next picture is drawn. A hidden page draws none, so time alone counts there. */
function nextFrame(run: () => void): void {
  if (document.visibilityState === "visible") requestAnimationFrame(run);
  else setTimeout(run, 100);
}

/**
 * Makes many calls in a burst into one: a thousand messages that arrive together are laid out once.
 *
 * @param run what is to happen after the calls
 * @param schedule when; the next picture unless told
 * @returns what to call each time
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
