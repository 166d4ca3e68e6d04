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
export type Session = SessionFieldsFragment;
export type Room = RoomFieldsFragment;
export type Membership = MembershipFieldsFragment;
export type Message = MessageFieldsFragment;
/** How far the viewer is in a conversation, and what is unread there. */
export type OwnMark = OwnMarkFieldsFragment;
/** What the viewer wants to be notified of in a conversation. */
export type NotificationSettings = NotificationFieldsFragment;
export type Viewer = NonNullable<ViewerQuery["viewer"]>;
export type Server = ServerQuery["server"];

/** What `parley.events()` yields. A server newer than this SDK may send further types. */
export type ParleyEvent = Yielded<EventsSubscription["events"]>;

/** Something with a global id, or the id itself. */
export type Ref = string | { readonly id: string };

/** One page of a list. */
export interface Page<Item> {
  readonly items: Item[];
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  /** Pass it as `before` to get the page above this one. */
  readonly startCursor: string | null;
  /** Pass it as `after` to get the page below this one. */
  readonly endCursor: string | null;
}

/** Which part of a list to answer: `first` items after `after`, or `last` items before `before`. */
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
