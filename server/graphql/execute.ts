import {
  GraphQLError,
  OperationTypeNode,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLSchema,
} from "graphql";
import type { Database } from "../infra/database/database.ts";
import type { Logger } from "../kernel/logger.ts";
import type { Render } from "../delivery/group.ts";
import { OperationContext, type Caller, type Context, type ContextParts } from "./context.ts";
import { makeJustInTimeExecutor } from "./just-in-time.ts";
import type { OperationLimits } from "./limits.ts";
import { maskError } from "./mask.ts";
import { makeCompiler, operationOf, type CompiledDocument } from "./operation.ts";

export type SetSessionCookie = Context["setSessionCookie"];

/** Executes operations in the same way over every transport. */
export interface Executor {
  readonly schema: GraphQLSchema;
  compile(source: string): CompiledDocument;
  /** Creates the context of one operation. */
  context(caller: Caller, setSessionCookie?: SetSessionCookie): Context;
  /** Runs a query or a mutation; its errors are not masked yet. */
  execute(args: ExecutionArgs, needsSnapshot: boolean): Promise<ExecutionResult>;
  /** Masks everything that the client must not see. */
  mask(result: ExecutionResult, request: Pick<Context, "requestId">): ExecutionResult;
  /** Creates the function that executes a subscription for each event or signal, on behalf of `caller`. */
  renderer(args: RenderArgs, caller: Caller): Render;
}

export interface RenderArgs {
  compiled: CompiledDocument;
  operationName: string | null;
  variableValues: Readonly<Record<string, unknown>>;
}

/** The caller of shared executions: no viewer. */
export const ANONYMOUS: Caller = { viewer: null, address: "", device: "" };

export interface ExecutorOptions extends ContextParts {
  schema: GraphQLSchema;
  database: Database;
  logger: Logger;
  introspection: boolean;
  limits: OperationLimits;
}

export function makeExecutor(options: ExecutorOptions): Executor {
  const { schema, services, makeLoaders, database, logger } = options;
  const execute = makeJustInTimeExecutor(schema);
  const parts: ContextParts = { services, makeLoaders };
  const context: Executor["context"] = (caller, setSessionCookie) =>
    new OperationContext(parts, caller, setSessionCookie);
  const mask: Executor["mask"] = (result, request) =>
    result.errors === undefined
      ? result
      : {
          ...result,
          errors: result.errors.map((error) => maskError(error, request.requestId, logger)),
        };

  return {
    schema,
    compile: makeCompiler({ schema, introspection: options.introspection, limits: options.limits }),
    context,
    mask,
    execute: async (args, needsSnapshot) => {
      // The document may also hold a query with a cursor. A mutation opens transactions itself.
      const isQuery =
        operationOf(args.document, args.operationName)?.operation === OperationTypeNode.QUERY;
      if (!needsSnapshot || !isQuery) return execute(args);
      try {
        return await database.snapshot(async () => execute(args));
      } catch (error) {
        // A thrown error would close the whole socket instead of failing this operation.
        return { errors: [asGraphQLError(error)] };
      }
    },
    renderer: ({ compiled, operationName, variableValues }, caller) => {
      const toJson = (result: ExecutionResult, request: Context): string =>
        JSON.stringify(mask(result, request));
      return (value: object) => {
        const contextValue = context(caller);
        const { document } = compiled;
        const result = execute({
          schema,
          document,
          operationName,
          variableValues,
          contextValue,
          rootValue: value,
        });
        return result instanceof Promise
          ? result.then((settled: ExecutionResult) => toJson(settled, contextValue))
          : toJson(result, contextValue);
      };
    },
  };
}

/** Wraps a thrown value and keeps it as the cause, from which the mask decides what the client sees. */
function asGraphQLError(error: unknown): GraphQLError {
  if (error instanceof GraphQLError) return error;
  const originalError = error instanceof Error ? error : new Error(String(error));
  return new GraphQLError(originalError.message, { originalError });
}
