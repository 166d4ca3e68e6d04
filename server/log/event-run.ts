import type { LogEvent } from "./event.ts";

/**
 * Events that follow each other in the log and concern the same people: one, or several messages that were
 * sent to one conversation.
 */
export type Run = readonly [LogEvent, ...LogEvent[]];

/** Divides events into runs, as long as can be. No message changes who may see what comes after it. */
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
