import { expect, test } from "vitest";
import { conversationEvents } from "../../server/domain/conversation/conversation.events.ts";
import { messageEvents } from "../../server/domain/message/message.events.ts";
import { EventDefinitions } from "../../server/log/define-event.ts";
import type { LogEvent } from "../../server/log/event.ts";
import { runsOf } from "../../server/log/event-run.ts";
import { eventAt } from "./memory-log.ts";

function event(position: number, type: string, topic: string, authority?: object): LogEvent {
  return {
    ...eventAt(position, type),
    topic,
    ...(authority === undefined ? {} : { authority }),
  };
}

const definitions = new EventDefinitions([...conversationEvents, ...messageEvents]);

const positions = (events: LogEvent[]): number[][] =>
  runsOf(events, definitions).map((run) => run.map(({ position }) => position));

test("consecutive messages to one conversation are a run", () => {
  const sent = [1, 2, 3].map((position) => event(position, "MESSAGE_SENT", "a"));
  expect(positions(sent)).toEqual([[1, 2, 3]]);
  expect(positions([])).toEqual([]);
});

test("a message to another conversation or an event of another type ends a run", () => {
  expect(
    positions([
      event(1, "MESSAGE_SENT", "a"),
      event(2, "MESSAGE_SENT", "b"),
      event(3, "MESSAGE_SENT", "b"),
      event(4, "MESSAGE_EDITED", "b"),
      event(5, "MESSAGE_EDITED", "b"),
      event(6, "MESSAGE_SENT", "b"),
    ]),
  ).toEqual([[1], [2, 3], [4], [5], [6]]);
});

test("events that change access are separate runs, so that they take effect at their position", () => {
  const change = { grant: [["ada", "a"]] };
  expect(
    positions([
      event(1, "MESSAGE_SENT", "a"),
      event(2, "MEMBER_JOINED", "a", change),
      event(3, "MESSAGE_SENT", "a"),
      event(4, "MESSAGE_SENT", "a", change),
      event(5, "MESSAGE_SENT", "a"),
    ]),
  ).toEqual([[1], [2], [3], [4], [5]]);
});
