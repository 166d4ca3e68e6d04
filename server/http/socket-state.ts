import type { WebSocket } from "ws";
import type { Caller } from "../graphql/context.ts";
import type { Outbox } from "../log/delivery/outbox.ts";

/** One WebSocket and all that belongs to it. */
export interface SocketState {
  readonly socket: WebSocket;
  readonly outbox: Outbox;
  /** What its operations are counted under. */
  readonly id: string;
  caller: Caller;
  /** The token in the browser's cookie at the handshake. */
  readonly cookie: string | null;
  /** Queries and mutations being executed. */
  executing: number;
  releaseSession: () => void;
  /** Takes it out of the counts of its address and its person. */
  releaseCounts: (() => void)[];
  alive: boolean;
  /** In which part of a round it is asked for a sign of life. */
  readonly part: number;
}
