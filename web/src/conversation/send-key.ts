/** The properties of a key press that the composer checks. */
export type KeyPress = Pick<
  KeyboardEvent,
  "key" | "shiftKey" | "altKey" | "ctrlKey" | "metaKey" | "isComposing"
>;

/**
 * Whether a key press sends the message. Ctrl+Enter and Cmd+Enter always send. Enter sends, except
 * with Shift or Alt, during input-method composition, or on an on-screen keyboard.
 */
export function isSendKey(press: KeyPress, onScreenKeyboard: boolean): boolean {
  if (press.key !== "Enter" || press.isComposing) return false;
  if (press.ctrlKey || press.metaKey) return true;
  return !press.shiftKey && !press.altKey && !onScreenKeyboard;
}
