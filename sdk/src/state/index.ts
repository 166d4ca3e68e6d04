export {
  type ConversationList,
  type ListedConversation,
  type ListedMessage,
  type ListEvent,
  makeConversationList,
  type MessageChangeName,
} from "./conversation-list.ts";
export type { Range } from "./coverage.ts";
export type { OutboxItem } from "./outbox-item.ts";
export { makeOutbox, type Outbox, type OutboxDraft, type OutboxOptions } from "./outbox.ts";
export {
  type KeyValueStorage,
  makeKeyValueOutboxStorage,
  type OutboxStorage,
} from "./outbox-storage.ts";
export type { OwnMark } from "./read-state.ts";
export {
  makeTimeline,
  type Timeline,
  type TimelineEntry,
  type TimelineMessage,
  type TimelineOptions,
  type TimelinePage,
  type TimelinePending,
} from "./timeline.ts";
