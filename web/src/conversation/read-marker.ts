export interface ReadMarker {
  /** Records that the viewer has seen everything up to and including this `seq`. */
  seen(seq: number): void;
}

/**
 * Sends read marks to the server: one request at a time, only the newest, never backwards. The next
 * `seen` retries a failed request.
 *
 * @param readSeq the read mark on the server
 * @param mark sends a mark; returns false on failure
 */
export function makeReadMarker(
  readSeq: number,
  mark: (seq: number) => Promise<boolean>,
): ReadMarker {
  let sentSeq = readSeq;
  let wantedSeq = readSeq;
  let busy = false;

  const flush = async (): Promise<void> => {
    busy = true;
    while (wantedSeq > sentSeq) {
      const seq = wantedSeq;
      if (!(await mark(seq))) break;
      sentSeq = seq;
    }
    busy = false;
  };
  return {
    seen: (seq) => {
      wantedSeq = Math.max(wantedSeq, seq);
      if (!busy && wantedSeq > sentSeq) void flush();
    },
  };
}
