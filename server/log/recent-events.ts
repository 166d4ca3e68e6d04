import type { Position } from "../kernel/cursor.ts";
import { NIL_UUID } from "../kernel/ids.ts";
import type { LogEvent } from "./event.ts";
import type { MessageRecord } from "../domain/message/message.record.ts";

/** The latest events of the log, kept in memory for streams that are about to go live. */
export interface RecentEvents {
  /** Adds the next event. A text or person that it changes or deletes is no longer in the events before it. */
  add(event: LogEvent): void;
  /** Forgets the oldest where there are many more than wanted. */
  trim(): void;
  /** Forgets all; from here on, everything after `position` is added. */
  restart(position: Position): void;
  /** The events after `after` if all of them are still here, else null. */
  after(after: Position): readonly LogEvent[] | null;
  /** Everything after this position is here. */
  readonly from: Position;
  /** Changes with whatever makes events that were read before worthless. */
  readonly revision: number;
  /**
   * Puts the events after `after` up to `from` before those that are here, if they were read while the
   * revision was this one; else nothing happens.
   */
  prepend(older: readonly LogEvent[], after: Position, revision: number): void;
}

/** Types of events that change what the events before them show. */
const REWRITING: ReadonlySet<LogEvent["type"]> = new Set([
  "MESSAGE_EDITED",
  "MESSAGE_DELETED",
  "ROOM_HIDDEN",
  "USER_DELETED",
  "POST_DELETED",
]);

/**
 * Makes an empty memory.
 *
 * @param size events to keep; up to twice as many are held, so that trimming is rare
 */
export function makeRecentEvents(size: number): RecentEvents {
  let events: LogEvent[] = [];
  /** Everything after this position is in `events`, but for places that cannot be shown. */
  let from: Position = 0;
  let revision = 0;

  return {
    add: (event) => {
      if (REWRITING.has(event.type)) revision += 1;
      // Rare beside everything else, so looking through all of them is cheaper than an index.
      if (event.type === "MESSAGE_EDITED" || event.type === "MESSAGE_DELETED") {
        const { message } = event.payload;
        events = events.map((earlier) => withMessage(earlier, message));
      }
      if (event.type === "ROOM_HIDDEN") {
        const { roomId } = event.payload;
        events = events.map((earlier) => withoutOutsiders(earlier, roomId));
      }
      // Their name is in many events, and this is rarer still: replays from before read the database.
      if (event.type === "USER_DELETED") {
        events = [];
        from = event.position - 1;
      }
      if (event.type === "POST_DELETED") {
        const { postId } = event.payload;
        events = events.filter((earlier) => !shows(earlier, postId));
      }
      events.push(event);
    },
    trim: () => {
      if (events.length <= 2 * size) return;
      // The last of those that go: what follows it has no hole.
      from = events.at(-size - 1)?.position ?? from;
      events = events.slice(-size);
      revision += 1;
    },
    restart: (position) => {
      events = [];
      from = position;
      revision += 1;
    },
    get from() {
      return from;
    },
    get revision() {
      return revision;
    },
    prepend: (older, after, readAt) => {
      if (readAt !== revision) return;
      events = [...older, ...events];
      from = after;
      revision += 1;
    },
    after: (after) => {
      if (after < from) return null;
      let low = 0;
      let high = events.length;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if ((events[middle]?.position ?? 0) > after) high = middle;
        else low = middle + 1;
      }
      return events.slice(low);
    },
  };
}

/** What everyone was told of a room that has become private is its members' from then on. */
function withoutOutsiders(event: LogEvent, roomId: string): LogEvent {
  const tells = event.type === "ROOM_CREATED" || event.type === "ROOM_UPDATED";
  if (!tells || event.topic !== NIL_UUID || event.payload.room.id !== roomId) return event;
  return { ...event, topic: roomId };
}

function shows(event: LogEvent, postId: string): boolean {
  return event.type === "POST_PUBLISHED" && event.payload.post.id === postId;
}

/** The event with the message as it is now, wherever the event shows it; the same where it does not. */
function withMessage(event: LogEvent, message: MessageRecord): LogEvent {
  if (!("message" in event.payload)) return event;
  const shown = event.payload.message;
  if (shown.id === message.id) return withShown(event, message);
  if (shown.replyTo?.id !== message.id) return event;
  return withShown(event, { ...shown, replyTo: { ...message, replyTo: null } });
}

function withShown(event: LogEvent, message: MessageRecord): LogEvent {
  return { ...event, payload: { ...event.payload, message } } as LogEvent;
}
