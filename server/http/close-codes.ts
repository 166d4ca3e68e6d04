/**
 * Why the server closes a WebSocket, besides the codes of graphql-transport-ws itself
 * (https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md). `docs/PROTOCOL.md` says what a
 * client does at each.
 */
export const CloseCode = {
  /** The instance stops. Reconnect at once; another one answers. */
  SERVICE_RESTART: 1012,
  /** The token in the connection parameters is worthless. Log in again. */
  UNAUTHORIZED: 4401,
  /** The session has ended. Log in again. */
  SESSION_ENDED: 4403,
  /** The client reads too slowly. Reconnect and resume from the last cursor. */
  TOO_SLOW: 4508,
  /** The person has as many connections as one may have. Close others; reconnect with back-off. */
  TOO_MANY: 4509,
} as const;
