import { getArgumentValues, Kind, type GraphQLField, type OperationDefinitionNode } from "graphql";
import { getVariableValues } from "graphql/execution/values.js";
import { toStreamRequest, type EventsArguments } from "../domain/event/event.schema.ts";
import { requireViewer } from "../graphql/viewer.ts";
import { NOBODY, type Executor } from "../graphql/execute.ts";
import { shapingVariables, type CompiledDocument } from "../graphql/operation.ts";
import { encodeOperationId, type FrameTemplate } from "../log/delivery/frame.ts";
import { OperationGroups } from "../log/delivery/group.ts";
import type { StreamEvent } from "../log/event.ts";
import type { Log } from "../log/log.ts";
import type { Sink } from "../log/stream.ts";
import type { SocketState } from "./socket-state.ts";

/** A subscription to a stream of the log, as it came over a socket. */
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
   * Checks who asks and for what, and answers a function that opens the stream. Frames go straight to
   * the socket; the iterator only stays parked until the operation ends, so that graphql-ws keeps
   * doing everything else.
   *
   * @throws NotAuthenticatedError InvalidInputError GraphQLError
   */
  prepare(request: StreamOperation, state: SocketState): () => AsyncGenerator<never, void, void>;
  /** Operations being shared at this moment. */
  readonly groups: number;
}

export function makeEventStreams(executor: Executor, log: Log): EventStreams {
  const groups = new OperationGroups();
  return {
    prepare: (request, state) => {
      const viewer = requireViewer(state.caller.viewer);
      const wanted = toStreamRequest(viewer.user.id, argumentsOf(executor, request));
      const shared = !request.compiled.viewerDependent;
      const key = groupKey(request, shared ? "" : viewer.session.id);
      return () => {
        const group = groups.join(key, executor.renderer(request, shared ? NOBODY : state.caller));
        const sink = makeFrameSink(state, request.id, (event, idLength) =>
          group.frame(event, idLength),
        );
        const stream = log.openStream({ ...wanted, sink });
        return park(stream.live, () => {
          stream.close();
          groups.leave(key);
        });
      };
    },
    get groups() {
      return groups.size;
    },
  };
}

function groupKey(request: StreamOperation, viewer: string): string {
  const shaping = shapingVariables(request.compiled.document);
  const variables = Object.entries(request.variableValues).filter(([name]) => shaping.has(name));
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
): EventsArguments {
  const [selection] = operation.selectionSet.selections;
  const coerced = getVariableValues(executor.schema, operation.variableDefinitions ?? [], {
    ...variableValues,
  });
  if (coerced.errors !== undefined)
    throw coerced.errors[0] ?? new Error("The variables cannot be read");
  if (selection?.kind !== Kind.FIELD) throw new Error("A stream has one root field");
  const field: GraphQLField<unknown, unknown> | undefined = executor.schema
    .getSubscriptionType()
    ?.getFields()[selection.name.value];
  if (field === undefined) throw new Error("The stream's root field is not in the schema");
  return getArgumentValues(field, selection, coerced.coerced);
}

/** Turns events into frames for one operation, in order, also where executing one has to wait. */
function makeFrameSink(
  state: SocketState,
  operationId: string,
  frame: (event: StreamEvent, idLength: number) => FrameTemplate | Promise<FrameTemplate>,
): Sink {
  const id = encodeOperationId(operationId);
  let waiting: Promise<void> | null = null;
  return {
    push: (event) => {
      const template = frame(event, id.length);
      if (waiting === null && !(template instanceof Promise)) {
        state.outbox.add(template, id);
        return;
      }
      const turn: Promise<void> = (waiting ?? Promise.resolve()).then(async () => {
        state.outbox.add(await template, id);
        if (waiting === turn) waiting = null;
      });
      waiting = turn;
    },
    drained: () => state.outbox.drained(),
  };
}

/** Yields nothing; ends when it is returned, fails when `work` does. */
function park(work: Promise<void>, release: () => void): AsyncGenerator<never, void, void> {
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const failed = work.then(() => ended);
  failed.catch(() => undefined);
  const finish = (): Promise<IteratorResult<never, void>> => {
    end();
    release();
    release = () => undefined;
    return Promise.resolve({ done: true, value: undefined });
  };
  return {
    next: async () => {
      try {
        await failed;
      } catch (error) {
        await finish();
        throw error;
      }
      return { done: true, value: undefined };
    },
    return: finish,
    throw: finish,
    [Symbol.asyncIterator]() {
      return this;
    },
    [Symbol.asyncDispose]: async () => {
      await finish();
    },
  };
}
