import {
  ForbiddenError,
  type ParleyError,
  requestError,
  type ResponseError,
  SessionEndedError,
  UnauthenticatedError,
} from "../errors.ts";
import type { ExecutionResult } from "../http.ts";

export const SUBPROTOCOL = "graphql-transport-ws";

export interface OperationPayload {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

export type OperationMessage =
  | { readonly type: "next"; readonly id: string; readonly payload: ExecutionResult }
  | { readonly type: "error"; readonly id: string; readonly payload: readonly ResponseError[] }
  | { readonly type: "complete"; readonly id: string };

export type ControlMessage =
  { readonly type: "connection_ack" } | { readonly type: "ping" } | { readonly type: "pong" };

/** Parses a frame. Returns undefined if it violates the protocol. */
export function readMessage(data: unknown): OperationMessage | ControlMessage | undefined {
  if (typeof data !== "string") return undefined;
  try {
    const message: unknown = JSON.parse(data);
    return isMessage(message) ? message : undefined;
  } catch {
    return undefined;
  }
}

function isMessage(message: unknown): message is OperationMessage | ControlMessage {
  if (typeof message !== "object" || message === null || !("type" in message)) return false;
  switch (message.type) {
    case "connection_ack":
    case "ping":
    case "pong":
      return true;
    case "complete":
      return hasId(message);
    case "next":
      return hasId(message) && "payload" in message && typeof message.payload === "object";
    case "error":
      return hasId(message) && "payload" in message && Array.isArray(message.payload);
    default:
      return false;
  }
}

function hasId(message: object): boolean {
  return "id" in message && typeof message.id === "string";
}

/** Close codes that the client handles specially. */
export const CloseCode = {
  normal: 1000,
  serviceRestart: 1012,
  badRequest: 4400,
  unauthorized: 4401,
  forbidden: 4403,
  subprotocolNotAcceptable: 4406,
  tooManyInitialisations: 4429,
  tooSlow: 4508,
} as const;

/**
 * Returns an error for close codes after which a reconnect with the same token is pointless.
 * Returns undefined for all other codes.
 */
export function fatalClose(code: number, reason: string): ParleyError | undefined {
  switch (code) {
    case CloseCode.unauthorized: {
      const message = reason === "" ? "The session's token is invalid." : reason;
      return new UnauthenticatedError([{ message, extensions: { code: "UNAUTHENTICATED" } }]);
    }
    case CloseCode.forbidden:
      return /session/i.test(reason)
        ? new SessionEndedError(reason)
        : new ForbiddenError(reason === "" ? "The server does not allow this connection." : reason);
    case CloseCode.badRequest:
    case CloseCode.subprotocolNotAcceptable:
    case CloseCode.tooManyInitialisations:
      return requestError([{ message: `The server rejected the connection: ${code} ${reason}` }]);
    default:
      return undefined;
  }
}
