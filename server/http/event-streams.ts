import { getArgumentValues } from "graphql";
import type { FieldNode, GraphQLField, OperationDefinitionNode } from "graphql";
import { getVariableValues } from "graphql/execution/values.js";
import type { Context } from "../graphql/context.ts";
import { requireViewer } from "../graphql/viewer.ts";
import { NOBODY, type Executor } from "../graphql/execute.ts";
import { rootOf, type CompiledDocument } from "../graphql/operation.ts";
import { streamOf, type OpenInto } from "../graphql/stream-field.ts";
import { OperationGroups, type SharedOperation } from "../log/delivery/group.ts";
import type { Outbox } from "../log/delivery/outbox.ts";
import { FrameSink } from "./frame-sink.ts";
import { Parking } from "./parking.ts";
import type { SocketState } from "./socket-state.ts";

/** A subscription, as it came over a socket. */
export interface StreamOperation {
  id: string;
  source: string;
  compiled: CompiledDocument;
  operation: OperationDefinitionNode;
  operationName: string | null;
  variableValues: Readonly<Record<string, unknown>>;
}

export interface EventStreams {
  /**
   * Checks who asks and for what, and answers a function that opens the stream; null where the
   * subscription is no stream. Frames go straight to the socket; the iterator only stays parked until
   * the operation ends, so that graphql-ws keeps doing everything else.
   *
   * @throws NotAuthenticatedError InvalidInputError GraphQLError
   */
  prepare(
    request: StreamOperation,
    state: SocketState,
    context: Context,
  ): (() => AsyncGenerator<never, void, void>) | null;
  /** Operations being shared at this moment. */
  readonly groups: number;
}

export function makeEventStreams(executor: Executor): EventStreams {
  const groups = new OperationGroups();
  return {
    prepare: (request, state, context) => {
      const root = rootOf(executor.schema, request.operation);
      const source = root === null ? null : streamOf(root.field);
      if (root === null || source === null) return null;
      const viewer = requireViewer(state.caller.viewer);
      const open = source.prepare(
        argumentsOf(executor, request, root.field, root.selection),
        context,
      );
      const shared = !request.compiled.viewerDependent;
      const key = groupKey(request, shared ? "" : viewer.session.id);
      return () => {
        const render = executor.renderer(request, shared ? NOBODY : state.caller);
        // What depends on the viewer may change while the state that is shown does not.
        const remembering = !shared ? "own" : source.isState ? "state" : "shared";
        const group = groups.join(key, render, remembering);
        return listen(groups, group, state.outbox, request.id, open);
      };
    },
    get groups() {
      return groups.size;
    },
  };
}

/** By itself, so that what stays open holds nothing of the request that opened it. */
function listen(
  groups: OperationGroups,
  group: SharedOperation,
  outbox: Outbox,
  operationId: string,
  open: OpenInto<object>,
): Parking {
  const parking = new Parking();
  const stream = open(new FrameSink(outbox, operationId, group, parking.end));
  return parking.of(stream.live, () => {
    stream.close();
    groups.leave(group);
  });
}

function groupKey(request: StreamOperation, viewer: string): string {
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
  { operation, variableValues }: StreamOperation,
  field: GraphQLField<unknown, unknown>,
  selection: FieldNode,
): Record<string, unknown> {
  const coerced = getVariableValues(executor.schema, operation.variableDefinitions ?? [], {
    ...variableValues,
  });
  if (coerced.errors !== undefined)
    throw coerced.errors[0] ?? new Error("The variables cannot be read");
  return getArgumentValues(field, selection, coerced.coerced);
}
