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

test("messages to one conversation that follow each other are a run", () => {
  const sent = [1, 2, 3].map((position) => event(position, "MESSAGE_SENT", "a"));
  expect(positions(sent)).toEqual([[1, 2, 3]]);
  expect(positions([])).toEqual([]);
});

test("what goes to others, or is no message, is none of it", () => {
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

test("whatever changes who may see what is by itself, so that it counts from its place on", () => {
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
