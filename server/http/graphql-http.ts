import type { IncomingMessage, ServerResponse } from "node:http";
import { GraphQLError, type DocumentNode, type ExecutionArgs } from "graphql";
import { createYoga, type Plugin } from "graphql-yoga";
import type { Config } from "../config.ts";
import type { LiveSessions, Viewer } from "../kernel/viewer.ts";
import type { Context } from "../graphql/context.ts";
import type { Executor } from "../graphql/execute.ts";
import { maskError } from "../graphql/mask.ts";
import { operationOf, type CompiledDocument } from "../graphql/operation.ts";
import type { Logger } from "../kernel/logger.ts";
import type { OpenConnections } from "./open-connections.ts";
import { PLAYGROUND_TABS, renderPlayground } from "./playground.ts";
import { TOO_MANY_CONNECTIONS } from "./replies.ts";
import { addressOf, deviceOf, isSecure, sessionCookie, tokenOf, wantsEvents } from "./requests.ts";

interface ServerContext {
  req: IncomingMessage;
  res: ServerResponse;
}

export type GraphQLHandler = (request: IncomingMessage, response: ServerResponse) => unknown;

export interface GraphQLHandlerOptions {
  config: Config;
  executor: Executor;
  liveSessions: LiveSessions;
  connections: OpenConnections;
  logger: Logger;
}

/** Equal to the limit of a message over a socket: several times the longest chat message. */
const MAX_BODY_BYTES = 262_144;

/** Creates the handler for GraphQL over HTTP, with server-sent events and the playground. */
export function makeGraphQLHandler(options: GraphQLHandlerOptions): GraphQLHandler {
  const { config, executor, liveSessions, connections, logger } = options;

  /** Counts a stream as a connection, because it stays open like a socket. */
  const countStream = (viewer: Viewer, response: ServerResponse): void => {
    const { id } = viewer.user;
    // The client disconnected during the token look-up, so `close` would never fire.
    if (response.destroyed) return;
    if (!connections.accounts.add(id)) throw tooManyConnections();
    response.once("close", () => {
      connections.accounts.remove(id);
    });
  };

  const context = async ({ req, res }: ServerContext): Promise<Context> => {
    const token = tokenOf(req, config);
    const viewer = token === null ? null : await liveSessions.authenticate(token);
    if (viewer !== null && wantsEvents(req)) countStream(viewer, res);
    const caller = {
      viewer,
      byCookie: req.headers.authorization === undefined,
      address: addressOf(req, config),
      device: deviceOf(req),
    };
    const made = executor.context(caller, (newToken, expiresAt) => {
      res.setHeader("Set-Cookie", sessionCookie(newToken, expiresAt, isSecure(req, config)));
    });
    // Yoga copies own properties into a new context, so getters must be read here.
    return { ...made, loaders: made.loaders, requestId: made.requestId };
  };

  return createYoga<ServerContext, Context>({
    schema: executor.schema,
    context,
    plugins: [useExecutor(executor)],
    graphqlEndpoint: "/graphql",
    landingPage: false,
    logging: false,
    // The router handles CORS before this handler.
    cors: false,
    multipart: false,
    batching: false,
    maxRequestBodySize: MAX_BODY_BYTES,
    maskedErrors: {
      // Yoga masks each error without access to the context's request id, so each error gets a new id.
      maskError: (error) => maskError(error, crypto.randomUUID(), logger),
    },
    renderGraphiQL: renderPlayground,
    graphiql: {
      title: `${config.SERVER_NAME} playground`,
      subscriptionsProtocol: "WS",
      credentials: "same-origin",
      defaultTabs: PLAYGROUND_TABS.map((query) => ({ query })),
    },
  });
}

/** Parses, validates and executes in the same way and with the same cache as sockets. */
function useExecutor(executor: Executor): Plugin<Context> {
  const compiled = new WeakMap<DocumentNode, CompiledDocument>();
  const refusal = (args: Pick<ExecutionArgs, "document" | "operationName" | "variableValues">) => {
    const { document, operationName, variableValues } = args;
    const operation = operationOf(document, operationName);
    const error = compiled.get(document)?.refusal(operation, variableValues ?? {}) ?? null;
    return error === null ? null : badRequest(error);
  };
  return {
    // A parse error in the URL of a GET would otherwise count as a server error.
    onRequestParse: ({ requestParser, setRequestParser }) => {
      setRequestParser(async (request) => {
        try {
          return (await requestParser?.(request)) ?? {};
        } catch (error) {
          if (error instanceof SyntaxError)
            throw badRequest(new GraphQLError("The variables and extensions must be JSON."));
          // Yoga quotes the text that it could not parse.
          throw error instanceof GraphQLError ? unquoted(error) : error;
        }
      });
    },
    onParse: ({ params, setParsedDocument }) => {
      const result = executor.compile(String(params.source));
      if (result.document.definitions.length === 0) {
        throw badRequest(result.errors[0] ?? new GraphQLError("The document is empty."));
      }
      compiled.set(result.document, result);
      setParsedDocument(result.document);
    },
    onValidate: ({ params, setResult }) => {
      const result = compiled.get(params.documentAST as DocumentNode);
      if (result !== undefined) setResult(result.errors.map(badRequest));
    },
    onExecute: ({ args, setExecuteFn, setResultAndStopExecution }) => {
      const refused = refusal(args);
      if (refused !== null) {
        setResultAndStopExecution({ errors: [refused] });
        return;
      }
      const needsSnapshot = compiled.get(args.document as DocumentNode)?.needsSnapshot ?? false;
      setExecuteFn((executionArgs: ExecutionArgs) =>
        executor.execute(executionArgs, needsSnapshot),
      );
    },
    onSubscribe: ({ args, setResultAndStopExecution }) => {
      const { req } = args.contextValue as unknown as ServerContext;
      // Yoga would open the stream, find no acceptable content type, and leave the stream open forever.
      const refused = refusal(args) ?? (wantsEvents(req) ? null : NOT_ACCEPTABLE);
      if (refused !== null) setResultAndStopExecution({ errors: [refused] });
    },
  };
}

/** Copies an error without the body that `originalError` quotes. */
function unquoted(error: GraphQLError): GraphQLError {
  if (!("originalError" in error.extensions)) return error;
  const extensions = { code: "BAD_REQUEST", http: { status: 400 } };
  return new GraphQLError(error.message, { extensions });
}

const NOT_ACCEPTABLE = new GraphQLError(
  "Subscriptions need `Accept: text/event-stream` or a WebSocket.",
  { extensions: { code: "NOT_ACCEPTABLE", http: { spec: false, status: 406 } } },
);

function tooManyConnections(): GraphQLError {
  const extensions = { code: "TOO_MANY_CONNECTIONS", http: { spec: true, status: 429 } };
  return new GraphQLError(TOO_MANY_CONNECTIONS, { extensions });
}

/**
 * Copies an error and sets status 400. A copy, because Yoga writes into errors and the compiler caches
 * its own.
 */
function badRequest(error: GraphQLError): GraphQLError {
  const { message, nodes, source, positions, path, originalError } = error;
  const extensions = { ...error.extensions, http: { spec: true, status: 400 } };
  return new GraphQLError(message, { nodes, source, positions, path, originalError, extensions });
}
