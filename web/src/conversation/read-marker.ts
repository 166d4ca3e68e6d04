export interface ReadMarker {
  /** The person has seen everything up to and including this seq. */
  seen(seq: number): void;
}

/**
 * Tells the server what was read: never backwards, one request at a time, and after a burst only the
 * newest. A request that failed is repeated by the next thing seen.
 *
 * @param readSeq what the server knows to be read already
 * @param mark sends a mark; false when it did not arrive
 */
export function makeReadMarker(
  readSeq: number,
  mark: (seq: number) => Promise<boolean>,
): ReadMarker {
  let told = readSeq;
  let wanted = readSeq;
  let busy = false;

  const tell = async (): Promise<void> => {
    busy = true;
    while (wanted > told) {
      const seq = wanted;
      if (!(await mark(seq))) break;
      told = seq;
    }
    busy = false;
  };
  return {
    seen: (seq) => {
      wanted = Math.max(wanted, seq);
      if (!busy && wanted > told) void tell();
    },
  };
}
