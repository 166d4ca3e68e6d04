import type { LiveSessions } from "../kernel/viewer.ts";
import type { Log } from "../log/log.ts";
import type { Signals } from "../signal/signals.ts";

/** The services that resolvers call. Each slice declares its own by declaration merging, in its module. */
export interface Services {
  log: Log;
  signals: Signals;
  liveSessions: LiveSessions;
}
