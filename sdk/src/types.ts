import type {
  EventsSubscription,
  MembershipFieldsFragment,
  MessageFieldsFragment,
  NotificationFieldsFragment,
  OwnMarkFieldsFragment,
  RoomFieldsFragment,
  ServerQuery,
  SessionFieldsFragment,
  UserFieldsFragment,
  ViewerQuery,
} from "./generated/graphql.ts";
import type { Yielded } from "./realtime/event-stream.ts";

export type User = UserFieldsFragment;
/** A login session of the viewer. */
export type Session = SessionFieldsFragment;
/** A room, without fields that depend on the viewer. */
export type Room = RoomFieldsFragment;
export type Membership = MembershipFieldsFragment;
export type Message = MessageFieldsFragment;
/** The viewer's read mark and unread counts in a conversation. */
export type OwnMark = OwnMarkFieldsFragment;
/** The viewer's notification settings in a conversation. */
export type NotificationSettings = NotificationFieldsFragment;
/** The logged-in user, their unread counts and the current log position. */
export type Viewer = NonNullable<ViewerQuery["viewer"]>;
/** The server's name, version, limits and lobby. */
export type Server = ServerQuery["server"];

/** An event of `parley.events()`. A newer server may send further types. */
export type ParleyEvent = Yielded<EventsSubscription["events"]>;

/** A global id, or an object with one. */
export type Ref = string | { readonly id: string };

export interface Page<Item> {
  readonly items: Item[];
  /** Whether items follow this page. */
  readonly hasNextPage: boolean;
  /** Whether items precede this page. */
  readonly hasPreviousPage: boolean;
  /** Pass it as `before` to get the page before this one. */
  readonly startCursor: string | null;
  /** Pass it as `after` to get the page after this one. */
  readonly endCursor: string | null;
}

/**
 * Selects a page: `first` items after the cursor `after`, or `last` items before the cursor
 * `before`.
 */
export interface PageOptions {
  first?: number;
  after?: string;
  last?: number;
  before?: string;
}

export function idOf(ref: Ref): string {
  return typeof ref === "string" ? ref : ref.id;
}

export function pageOf<Item>(connection: {
  readonly edges: readonly { readonly node: Item }[];
  readonly pageInfo: Omit<Page<Item>, "items">;
}): Page<Item> {
  return { ...connection.pageInfo, items: connection.edges.map((edge) => edge.node) };
}
