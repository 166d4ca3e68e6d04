/**
 * Close codes besides those of graphql-transport-ws itself
 * (https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md). `docs/PROTOCOL.md` states how a
 * client reacts to each.
 */
export const CloseCode = {
  /** The instance shuts down. Reconnect immediately to another one. */
  SERVICE_RESTART: 1012,
  /** The token in the connection parameters is invalid. Log in again. */
  UNAUTHORIZED: 4401,
  /** The session has ended. Log in again. */
  SESSION_ENDED: 4403,
  /** The client reads too slowly. Reconnect and resume from the last cursor. */
  TOO_SLOW: 4508,
  /** The user has reached the limit of connections. Close others; reconnect with back-off. */
  TOO_MANY: 4509,
} as const;
