import type { Redis } from "ioredis";
import type { Config } from "../config.ts";
import type { Bus } from "../infra/bus/bus.ts";
import type { Database } from "../infra/database/database.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Logger } from "../kernel/logger.ts";

/** What services are made of. */
export interface Parts {
  config: Config;
  database: Database;
  bus: Bus;
  /** What all instances count in together; null where each counts for itself. */
  redis: Redis | null;
  logger: Logger;
  clock: Clock;
  /** Tells this instance from others. */
  instanceId: string;
}
