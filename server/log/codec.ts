import { reviveDates } from "../kernel/json.ts";
import type { LogEvent } from "./event.ts";

/** All events of one publication as one string. */
export function encodeBatch(events: readonly LogEvent[]): string {
  return JSON.stringify(events);
}

/** The reverse of `encodeBatch`. Keeps events of unknown types, so that positions have no gap. */
export function decodeBatch(text: string): LogEvent[] {
  return reviveDates(JSON.parse(text)) as LogEvent[];
}
