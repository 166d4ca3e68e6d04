/** One connection of the load client, whatever it speaks. */
export interface Speaker {
  /** Resolves when the message is acknowledged. */
  send(body: string): Promise<void>;
  /** Reads nothing any more, where it can do that. */
  stopReading?(): void;
  close(): void;
}

/** Told of every delivery: the message's number within the room, and what it came in. */
export type OnDelivery = (seq: number, frame: string) => void;

/** The number after `"seq":` in a frame, read without parsing the whole; -1 where there is none. */
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

/** A body of some hundred characters that can be told from all others. */
export function markedBody(number: number): string {
  return `${MARK}${String(number)}${MARK} A message of some hundred characters, as people write them when they have something to say.`;
}

/** The number that `markedBody` put into a frame; -1 where there is none. */
export function markOf(frame: string): number {
  const start = frame.indexOf(MARK);
  return start === -1 ? -1 : Number(frame.slice(start + 1, frame.indexOf(MARK, start + 1)));
}
