/** What a key press in the composer is judged by. */
export type KeyPress = Pick<
  KeyboardEvent,
  "key" | "shiftKey" | "altKey" | "ctrlKey" | "metaKey" | "isComposing"
>;

/**
 * Whether a key press sends the message. Enter does, unless Shift asks for a new line, an input
 * method is still putting a word together, or the keyboard is on the screen; Ctrl or Cmd and Enter
 * always does.
 */
export function sendsOn(press: KeyPress, onScreenKeyboard: boolean): boolean {
  if (press.key !== "Enter" || press.isComposing) return false;
  if (press.ctrlKey || press.metaKey) return true;
  return !press.shiftKey && !press.altKey && !onScreenKeyboard;
}
