import type { AuthorityChange, LogEvent, NewEvent, StreamEvent } from "./event.ts";
import type { RowReference, Shape } from "./reference.ts";

export { shape } from "./reference.ts";

/** One type of event: what it carries, which subscribers receive it, and what it changes in earlier events. */
export interface EventDefinition<Type extends string = string, Payload extends object = object> {
  readonly type: Type;
  /** The row that the payload refers to. */
  readonly reference: RowReference | null;
  /** Whether consecutive events of this type and one topic are delivered together. */
  readonly formsRuns: boolean;
  readonly restriction: Restriction<Payload> | null;
  readonly revision: Revision<Type, Payload> | null;
  readonly hasConversation: boolean;
  /** The conversation that the event is about; null if it is about none. */
  conversationOf(event: LogEvent<Type, Payload>): string | null;
  /** Whether a subscriber of the event's topic receives it. */
  isRelevantTo(event: LogEvent<Type, Payload>, userId: string): boolean;
  is(event: StreamEvent): event is LogEvent<Type, Payload>;
}

/** A definition whose events go to a topic that the caller names. */
export interface TopicEvent<
  Type extends string,
  Payload extends object,
  New extends object,
> extends EventDefinition<Type, Payload> {
  /**
   * @param topic a conversation's id for its members, a user's id for that user, the topic of a feed for its
   *   subscribers, or NIL_UUID for all users
   */
  (topic: string, payload: New, authority?: AuthorityChange): NewEvent;
}

/** A definition whose events go to a topic that follows from the payload. */
export interface FixedTopicEvent<
  Type extends string,
  Payload extends object,
  New extends object,
> extends EventDefinition<Type, Payload> {
  (payload: New, authority?: AuthorityChange): NewEvent;
}

/** A stored event of one definition. */
export type EventOf<Definition> =
  Definition extends EventDefinition<infer Type, infer Payload> ? LogEvent<Type, Payload> : never;

/**
 * How an event changes the copies of earlier events in memory. The database needs no change: each read
 * loads the rows that events refer to. `"RELOAD"` drops all copies, so that replays read the database.
 */
export type Revision<Type extends string, Payload extends object> =
  | "RELOAD"
  | {
      /** Returns the earlier event as it is from now on, the same object if nothing changes, or null to remove it. */
      revise(earlier: LogEvent, event: LogEvent<Type, Payload>): LogEvent | null;
    };

/** Earlier events for all users that only the subscribers of one topic may see from now on. */
export interface Restriction<Payload extends object> {
  readonly events: readonly EventDefinition[];
  /** The path to the topic in the payloads of these events. */
  readonly path: readonly string[];
  topicOf(payload: Payload): string;
}

type Loaded<Rest extends object, Ref> =
  Ref extends RowReference<infer Field, string, infer Row> ? Record<Field, Row> & Rest : Rest;
type Unloaded<Rest extends object, Ref> =
  Ref extends RowReference<string, infer IdField> ? Record<IdField, string> & Rest : Rest;

interface EventOptions<Type extends string, Rest extends object, Ref> {
  /** The name of the type in the log and in the API's `EventType`. */
  type: Type;
  /** The payload, without the row that it refers to. */
  payload: Shape<Rest>;
  reference?: Ref & RowReference;
  conversationOf?: (event: LogEvent<Type, Loaded<Rest, Ref>>) => string;
  isRelevantTo?: (event: LogEvent<Type, Loaded<Rest, Ref>>, userId: string) => boolean;
  /** Only for events that change no authority. */
  formsRuns?: boolean;
  restricts?: Restriction<Loaded<Rest, Ref>>;
  revises?: Revision<Type, Loaded<Rest, Ref>>;
}

/** Defines a type of event. Its module registers it with the log. */
export function defineEvent<
  const Type extends string,
  Rest extends object,
  Ref extends RowReference | undefined = undefined,
>(
  options: EventOptions<Type, Rest, Ref> & {
    topic: (payload: Unloaded<Rest, Ref>) => string;
  },
): FixedTopicEvent<Type, Loaded<Rest, Ref>, Unloaded<Rest, Ref>>;
export function defineEvent<
  const Type extends string,
  Rest extends object,
  Ref extends RowReference | undefined = undefined,
>(options: EventOptions<Type, Rest, Ref>): TopicEvent<Type, Loaded<Rest, Ref>, Unloaded<Rest, Ref>>;
export function defineEvent(
  options: EventOptions<string, object, undefined> & { topic?: (payload: object) => string },
): EventDefinition {
  const { type, topic, conversationOf } = options;
  const create =
    topic === undefined
      ? (at: string, payload: object, authority?: AuthorityChange) =>
          newEvent(type, at, payload, authority)
      : (payload: object, authority?: AuthorityChange) =>
          newEvent(type, topic(payload), payload, authority);
  // All definitions have the same properties in the same order. The log reads them for each event, and the
  // engine reads objects of one shape faster.
  return Object.assign(create, {
    type,
    reference: options.reference ?? null,
    formsRuns: options.formsRuns ?? false,
    restriction: options.restricts ?? null,
    revision: options.revises ?? null,
    hasConversation: conversationOf !== undefined,
    conversationOf: conversationOf ?? none,
    isRelevantTo: options.isRelevantTo ?? always,
    is: (event: StreamEvent): event is LogEvent => event.type === type,
  });
}

function newEvent(
  type: string,
  topic: string,
  payload: object,
  authority: AuthorityChange | undefined,
): NewEvent {
  return authority === undefined ? { type, topic, payload } : { type, topic, payload, authority };
}

const none = (): null => null;
const always = (): boolean => true;

/** The types of events that this version of the server knows. */
export class EventDefinitions {
  readonly #byType: ReadonlyMap<string, EventDefinition>;
  /** The columns of `Event` that store ids of rows. */
  readonly idColumns: readonly string[];

  /** @throws Error when two definitions have the same type */
  constructor(definitions: readonly EventDefinition[]) {
    this.#byType = new Map(definitions.map((definition) => [definition.type, definition]));
    if (this.#byType.size < definitions.length) throw new Error("Two events have the same type");
    this.idColumns = [...new Set(definitions.flatMap(({ reference }) => reference?.column ?? []))];
  }

  get types(): Iterable<string> {
    return this.#byType.keys();
  }

  /**
   * Returns undefined for an unknown type: during an upgrade, instances of a newer version append new types.
   */
  find(type: string): EventDefinition | undefined {
    return this.#byType.get(type);
  }

  /** For an event that was accepted before. @throws Error for an unknown type */
  of(event: Pick<NewEvent, "type">): EventDefinition {
    const definition = this.#byType.get(event.type);
    if (definition === undefined) throw new Error(`The event type ${event.type} is not defined`);
    return definition;
  }
}
