/** One connection of the load client, in any protocol. */
export interface Speaker {
  /** Resolves when the message is acknowledged. */
  send(body: string): Promise<void>;
  /** Stops reading, if supported. */
  stopReading?(): void;
  close(): void;
}

/** Receives every delivery: the message's number within the room, and its frame. */
export type OnDelivery = (seq: number, frame: string) => void;

/** Returns the number after `"seq":` in a frame, without parsing the whole; -1 if there is none. */
export function seqOf(frame: string): number {
  let at = frame.indexOf('"seq":');
  if (at === -1) return -1;
  let seq = 0;
  for (at += 6; at < frame.length; at += 1) {
    const digit = frame.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) break;
    seq = seq * 10 + digit;
  }
  return seq;
}

const MARK = "~";

/** Returns a unique body of some hundred characters. */
export function markedBody(number: number): string {
  return `${MARK}${String(number)}${MARK} A message of some hundred characters, as people write them when they have something to say.`;
}

/** Returns the number that `markedBody` put into a frame; -1 if there is none. */
export function markOf(frame: string): number {
  const start = frame.indexOf(MARK);
  return start === -1 ? -1 : Number(frame.slice(start + 1, frame.indexOf(MARK, start + 1)));
}
