import {
  ForbiddenError,
  type ParleyError,
  requestError,
  type ResponseError,
  SessionEndedError,
  UnauthenticatedError,
} from "../errors.ts";
import type { ExecutionResult } from "../http.ts";

/** The WebSocket subprotocol that is spoken. */
export const SUBPROTOCOL = "graphql-transport-ws";

/** What a client asks of an operation. */
export interface OperationPayload {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** A message of the server about one operation. */
export type OperationMessage =
  | { readonly type: "next"; readonly id: string; readonly payload: ExecutionResult }
  | { readonly type: "error"; readonly id: string; readonly payload: readonly ResponseError[] }
  | { readonly type: "complete"; readonly id: string };

/** A message of the server about the connection itself. */
export type ControlMessage =
  { readonly type: "connection_ack" } | { readonly type: "ping" } | { readonly type: "pong" };

/** Reads a frame; undefined when it is not of the protocol. */
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

/** The close codes that have a meaning of their own to a client. */
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
 * The error of a close after which coming back with the same token is pointless; undefined for all
 * others, which are worth a reconnect.
 */
export function fatalClose(code: number, reason: string): ParleyError | undefined {
  switch (code) {
    case CloseCode.unauthorized: {
      const message = reason === "" ? "The session's token is not valid." : reason;
      return new UnauthenticatedError([{ message, extensions: { code: "UNAUTHENTICATED" } }]);
    }
    case CloseCode.forbidden:
      return /session/i.test(reason)
        ? new SessionEndedError(reason)
        : new ForbiddenError(reason === "" ? "The server does not allow this." : reason);
    case CloseCode.badRequest:
    case CloseCode.subprotocolNotAcceptable:
    case CloseCode.tooManyInitialisations:
      return requestError([{ message: `The server refused the connection: ${code} ${reason}` }]);
    default:
      return undefined;
  }
}
