import type { LogEvent } from "./event.ts";

/** Consecutive events with the same audience: one event, or several messages sent to one conversation. */
export type Run = readonly [LogEvent, ...LogEvent[]];

/** Divides events into runs of maximum length. Messages never change who may see later events. */
export function runsOf(events: readonly LogEvent[]): readonly Run[] {
  const runs: [LogEvent, ...LogEvent[]][] = [];
  for (const event of events) {
    const run = runs.at(-1);
    if (run !== undefined && isMessage(event) && isMessage(run[0]) && event.topic === run[0].topic)
      run.push(event);
    else runs.push([event]);
  }
  return runs;
}

function isMessage(event: LogEvent): boolean {
  return event.type === "MESSAGE_SENT" && event.authority === undefined;
}
