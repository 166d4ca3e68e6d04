/**
 * Carries transient messages between instances. It may lose any message at any time. The log stores
 * everything that must not be lost; the bus only makes delivery fast.
 */
export interface Bus {
  /** Publishes to all other instances. Never rejects; a failure shows in `healthy`. */
  publish(channel: string, message: string): void;
  /** Calls `listener` with the messages of other instances. Resolves when no later message can be missed. */
  subscribe(channel: string, listener: (message: string) => void): Promise<void>;
  /** Whether messages can be expected to arrive now. */
  readonly healthy: boolean;
  /** Number of interruptions since the start, however brief; each may have lost messages. */
  readonly interruptions: number;
  /** Number of outages since the start that were long enough to be logged. */
  readonly outages: number;
  /** Whether other instances can exist. */
  readonly shared: boolean;
  /** Rejects if the bus is unreachable. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
