import type { IncomingMessage, ServerResponse } from "node:http";
import type { Config } from "../config.ts";
import { OverloadedError } from "../kernel/errors.ts";
import { RETRY_AFTER_MS, type Admission } from "./admission.ts";
import { allowOrigin, FORBIDDEN_ORIGIN } from "./cors.ts";
import type { GraphQLHandler } from "./graphql-http.ts";
import type { OpenConnections } from "./open-connections.ts";
import { drain, sendGraphQLError, TOO_MANY_CONNECTIONS } from "./replies.ts";
import { addressOf, EVENT_STREAM, isAllowedOrigin, wantsEvents } from "./requests.ts";
import { cutWhenStalled } from "./stalled-streams.ts";

const JSON_TYPE = /^application\/json\s*(?:;|$)/i;

/** Checks and admits the requests for /graphql before they execute. */
export interface GraphQLEndpoint {
  handle(request: IncomingMessage, response: ServerResponse): void;
  /** Destroys the open event streams. They are not completed, so their clients reconnect. */
  destroyEventStreams(): void;
}

export interface GraphQLEndpointOptions {
  config: Config;
  graphql: GraphQLHandler;
  connections: OpenConnections;
  admission: Admission;
}

export function makeGraphQLEndpoint(options: GraphQLEndpointOptions): GraphQLEndpoint {
  const { config, graphql, connections, admission } = options;
  /** Responses that may be event streams, which have no natural end. */
  const eventStreams = new Set<ServerResponse>();

  /** Counts the connection until it closes. Returns false, and rejects it, if its address has too many. */
  const admitEventStream = (request: IncomingMessage, response: ServerResponse): boolean => {
    const address = addressOf(request, config);
    if (!connections.addresses.add(address)) {
      sendGraphQLError(response, 429, "TOO_MANY_CONNECTIONS", TOO_MANY_CONNECTIONS);
      return false;
    }
    eventStreams.add(response);
    cutWhenStalled(response);
    response.once("close", () => {
      eventStreams.delete(response);
      connections.addresses.remove(address);
    });
    return true;
  };

  /** Counts the operation until its response closes. Returns false, and rejects it, if too many run. */
  const admitOperation = (response: ServerResponse): boolean => {
    const leave = admission.enter();
    if (leave === null) {
      rejectOverload(response);
      return false;
    }
    response.once("close", leave);
    return true;
  };

  return {
    handle: (request, response) => {
      const { origin } = request.headers;
      if (!isAllowedOrigin(request, config)) {
        sendGraphQLError(response, 403, "FORBIDDEN_ORIGIN", FORBIDDEN_ORIGIN);
        return;
      }
      if (origin !== undefined) allowOrigin(response, origin);
      if (request.method === "OPTIONS") {
        response.writeHead(204).end();
        return;
      }
      if (!requireJson(request, response)) return;
      const isAdmitted = wantsEvents(request)
        ? admitEventStream(request, response)
        : admitOperation(response);
      if (isAdmitted) void graphql(request, response);
    },
    destroyEventStreams: () => {
      for (const response of eventStreams) {
        const type = response.getHeader("content-type");
        if (typeof type === "string" && type.startsWith(EVENT_STREAM)) response.destroy();
      }
    },
  };
}

/**
 * Returns false, and rejects the request, if it is a POST without JSON. Any page may send form and
 * plain-text posts without a preflight; such a request must do nothing.
 */
function requireJson(request: IncomingMessage, response: ServerResponse): boolean {
  if (request.method !== "POST") return true;
  if (!JSON_TYPE.test(request.headers["content-type"] ?? "")) {
    const message = "Send the operation as application/json.";
    sendGraphQLError(response, 415, "UNSUPPORTED_MEDIA_TYPE", message);
    return false;
  }
  // Yoga matches the content type case-sensitively.
  request.headers["content-type"] = "application/json";
  return true;
}

/** Rejects a request because of overload, without reading it. */
function rejectOverload(response: ServerResponse): void {
  const { code, message, retryAfterMs } = new OverloadedError(RETRY_AFTER_MS);
  response.setHeader("Retry-After", Math.ceil(retryAfterMs / 1_000));
  drain(response.req);
  sendGraphQLError(response, 503, code, message, { retryAfterMs });
}
