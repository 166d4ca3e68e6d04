import type { EventDefinitions } from "./define-event.ts";
import type { LogEvent } from "./event.ts";

/**
 * Consecutive events of the log that go to the same subscribers: one event, or several of one type and topic
 * that change no authority.
 */
export type Run = readonly [LogEvent, ...LogEvent[]];

/** Divides events into the longest possible runs. */
export function runsOf(events: readonly LogEvent[], definitions: EventDefinitions): readonly Run[] {
  const runs: [LogEvent, ...LogEvent[]][] = [];
  for (const event of events) {
    const run = runs.at(-1);
    if (run !== undefined && continues(run[0], event) && definitions.of(event).formsRuns)
      run.push(event);
    else runs.push([event]);
  }
  return runs;
}

function continues(first: LogEvent, event: LogEvent): boolean {
  return (
    event.topic === first.topic &&
    event.type === first.type &&
    event.authority === undefined &&
    first.authority === undefined
  );
}
