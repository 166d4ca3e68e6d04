import { getArgumentValues } from "graphql";
import type { FieldNode, GraphQLField, OperationDefinitionNode } from "graphql";
import { getVariableValues } from "graphql/execution/values.js";
import type { Context } from "../../graphql/context.ts";
import { requireViewer } from "../../graphql/viewer.ts";
import { ANONYMOUS, type Executor } from "../../graphql/execute.ts";
import { rootOf, type CompiledDocument } from "../../graphql/operation.ts";
import { streamOf } from "../../graphql/stream-field.ts";
import { OperationGroups } from "../../delivery/group.ts";
import type { Connection } from "./connection.ts";
import { StreamOperation } from "./stream-operation.ts";

/** A subscription received over a socket. */
export interface SubscriptionRequest {
  id: string;
  source: string;
  compiled: CompiledDocument;
  operation: OperationDefinitionNode;
  operationName: string | null;
  variableValues: Readonly<Record<string, unknown>>;
}

export interface EventStreams {
  /**
   * Opens a subscription on its connection. Returns false, without effect, if the root field is not a
   * stream.
   *
   * @throws NotAuthenticatedError InvalidInputError GraphQLError
   */
  open(request: SubscriptionRequest, connection: Connection, context: Context): boolean;
  /** Number of shared operations. */
  readonly groups: number;
}

export function makeEventStreams(executor: Executor): EventStreams {
  const groups = new OperationGroups();
  return {
    open: (request, connection, context) => {
      const root = rootOf(executor.schema, request.operation);
      const source = root === null ? null : streamOf(root.field);
      if (root === null || source === null) return false;
      const viewer = requireViewer(connection.viewer);
      const open = source.prepare(
        argumentsOf(executor, request, root.field, root.selection),
        context,
      );
      const shared = !request.compiled.viewerDependent;
      const key = groupKey(request, shared ? "" : viewer.session.id);
      // Copied, because other connections of the same session may outlive this one.
      const { address, device } = connection;
      const render = executor.renderer(request, shared ? ANONYMOUS : { viewer, address, device });
      // Viewer-dependent values may change while the underlying state does not.
      const remembering = !shared ? "own" : source.isState ? "state" : "shared";
      const group = groups.join(key, render, remembering);
      const stream = new StreamOperation(connection, request.id, group);
      connection.operations.add(stream);
      stream.open(open);
      return true;
    },
    get groups() {
      return groups.size;
    },
  };
}

function groupKey(request: SubscriptionRequest, viewer: string): string {
  const { shapingVariables } = request.compiled;
  const variables = Object.entries(request.variableValues).filter(([name]) =>
    shapingVariables.has(name),
  );
  return JSON.stringify([
    viewer,
    request.operationName,
    variables.sort(([a], [b]) => (a < b ? -1 : 1)),
    request.source,
  ]);
}

function argumentsOf(
  executor: Executor,
  { operation, variableValues }: SubscriptionRequest,
  field: GraphQLField<unknown, unknown>,
  selection: FieldNode,
): Record<string, unknown> {
  const coerced = getVariableValues(executor.schema, operation.variableDefinitions ?? [], {
    ...variableValues,
  });
  if (coerced.errors !== undefined)
    throw coerced.errors[0] ?? new Error("The variables cannot be parsed");
  return getArgumentValues(field, selection, coerced.coerced);
}
