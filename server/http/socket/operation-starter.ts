import {
  GraphQLError,
  OperationTypeNode,
  subscribe,
  type ExecutionArgs,
  type OperationDefinitionNode,
} from "graphql";
import type { SubscribePayload } from "graphql-ws";
import type { LiveSessions } from "../../kernel/viewer.ts";
import type { Context } from "../../graphql/context.ts";
import type { Executor } from "../../graphql/execute.ts";
import { operationOf, type CompiledDocument } from "../../graphql/operation.ts";
import type { RateLimits } from "../../infra/rate-limits.ts";
import { OverloadedError } from "../../kernel/errors.ts";
import { RETRY_AFTER_MS, type Admission } from "../admission.ts";
import type { Connection } from "./connection.ts";
import type { EventStreams } from "./event-streams.ts";
import { Iteration } from "./iteration.ts";
import { Execution } from "./operation.ts";

declare module "../../infra/rate-limits.ts" {
  interface LocalLimits {
    OPERATIONS: true;
  }
}

export interface OperationStarterOptions {
  executor: Executor;
  liveSessions: LiveSessions;
  streams: EventStreams;
  rates: RateLimits;
  admission: Admission;
  /** Maximum number of operations in parallel on one socket. */
  concurrency: number;
}

/** Starts an operation; its connection sends the results. */
export type OperationStarter = (
  connection: Connection,
  id: string,
  payload: SubscribePayload,
) => void;

export function makeOperationStarter(options: OperationStarterOptions): OperationStarter {
  const { executor, liveSessions, streams, rates, admission, concurrency } = options;

  const respond = async (
    connection: Connection,
    execution: Execution,
    args: ExecutionArgs & { contextValue: Context },
    needsSnapshot: boolean,
    leave: () => void,
  ): Promise<void> => {
    try {
      const result = await executor.execute(args, needsSnapshot);
      connection.next(execution, executor.mask(result, args.contextValue));
      connection.finish(execution);
    } catch (error) {
      connection.breakOff(error);
    } finally {
      connection.executing -= 1;
      leave();
    }
  };

  /** Runs a subscription without a stream at its root, such as one whose root field is in a fragment. */
  const iterate = async (
    connection: Connection,
    iteration: Iteration,
    args: ExecutionArgs & { contextValue: Context },
  ): Promise<void> => {
    try {
      const results = await subscribe(args);
      if (!(Symbol.asyncIterator in results)) throw new SeveralErrors(results.errors ?? []);
      await iteration.read(results, (result) => {
        connection.next(iteration, executor.mask(result, args.contextValue));
      });
      connection.finish(iteration);
    } catch (error) {
      connection.fail(iteration, errorsOf(error));
    }
  };

  /** Throws if the operation must not start. */
  const admit = (
    connection: Connection,
    payload: SubscribePayload,
  ): { compiled: CompiledDocument; operation: OperationDefinitionNode } => {
    // Cancelled operations may still run, so both numbers are checked.
    if (connection.operations.size >= concurrency || connection.executing >= concurrency) {
      const message = `A socket may have at most ${String(concurrency)} operations in parallel.`;
      throw new GraphQLError(message, { extensions: { code: "TOO_MANY_SUBSCRIPTIONS" } });
    }
    rates.takeLocal("OPERATIONS", String(connection.number));
    const compiled = executor.compile(payload.query);
    if (compiled.errors.length > 0) throw new SeveralErrors(compiled.errors);
    const operation = operationOf(compiled.document, payload.operationName);
    if (operation === null) throw new GraphQLError("Unable to identify operation");
    const refused = compiled.refusal(operation, payload.variables ?? {});
    if (refused !== null) throw refused;
    return { compiled, operation };
  };

  const start = (connection: Connection, id: string, payload: SubscribePayload): void => {
    const { compiled, operation } = admit(connection, payload);
    const contextValue = executor.context(connection);
    const operationName = payload.operationName ?? null;
    const variableValues = payload.variables ?? {};
    const { document, needsSnapshot } = compiled;
    const { schema } = executor;
    const args = { schema, document, operationName, variableValues, contextValue };
    if (operation.operation === OperationTypeNode.SUBSCRIPTION) {
      const source = payload.query;
      const request = { id, source, compiled, operation, operationName, variableValues };
      if (!streams.open(request, connection, contextValue)) {
        const iteration = new Iteration(id);
        connection.operations.add(iteration);
        void iterate(connection, iteration, args);
      }
    } else {
      const leave = admission.enter();
      if (leave === null) throw new OverloadedError(RETRY_AFTER_MS);
      connection.executing += 1;
      const execution = new Execution(id);
      connection.operations.add(execution);
      void respond(connection, execution, args, needsSnapshot, leave);
    }
    if (connection.viewer !== null) liveSessions.recordUse(connection.viewer);
  };

  return (connection, id, payload) => {
    try {
      start(connection, id, payload);
    } catch (error) {
      connection.refuse(id, errorsOf(error));
    }
  };
}

class SeveralErrors extends Error {
  readonly errors: readonly unknown[];

  constructor(errors: readonly unknown[]) {
    super("An operation has several errors");
    this.errors = errors;
  }
}

function errorsOf(error: unknown): readonly unknown[] {
  return error instanceof SeveralErrors ? error.errors : [error];
}
