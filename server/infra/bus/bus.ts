/**
 * Carries short-lived messages between instances. It may lose anything at any time: whatever must
 * not be lost is in the log, and the bus only makes it fast.
 */
export interface Bus {
  /** Tells all other instances. Never rejects; a failure shows in `healthy`. */
  publish(channel: string, message: string): void;
  /** Calls `listener` with what other instances publish. Resolves once nothing can be missed. */
  subscribe(channel: string, listener: (message: string) => void): Promise<void>;
  /** Whether messages can be expected to arrive at this moment. */
  readonly healthy: boolean;
  /** How often it was interrupted so far, however briefly: something may have been lost each time. */
  readonly interruptions: number;
  /** How often it has gone away since the start, for long enough to tell the operator. */
  readonly outages: number;
  /** Whether there can be other instances at all. */
  readonly shared: boolean;
  /** Rejects when the bus cannot be reached. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
