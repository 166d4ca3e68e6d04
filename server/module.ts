import type { Redis } from "ioredis";
import type { Config } from "./config.ts";
import type { LoaderFactories, Loaders } from "./graphql/loaders.ts";
import type { Services } from "./graphql/services.ts";
import type { Bus } from "./infra/bus/bus.ts";
import type { Database } from "./infra/database/database.ts";
import type { RateLimits } from "./infra/rate-limits.ts";
import type { Clock } from "./kernel/clock.ts";
import type { Logger } from "./kernel/logger.ts";
import type { ExportSection } from "./kernel/export-section.ts";
import type { EventDefinition } from "./log/define-event.ts";
import type { Log, LogOptions } from "./log/log.ts";
import type { EmbeddedReference, ReferenceLoader } from "./log/reference.ts";
import type { Unit } from "./log/unit.ts";
import type { Signals } from "./signal/signals.ts";

/** What one instance opens before it creates the modules. */
export interface Infrastructure {
  config: Config;
  database: Database;
  bus: Bus;
  /** Counters that all instances share; null without Redis, where each instance has its own. */
  redis: Redis | null;
  logger: Logger;
  clock: Clock;
  /** Distinguishes this instance from the others. */
  instanceId: string;
}

/** What the `create` of every module receives. */
export interface ModuleContext extends Infrastructure {
  log: Log;
  signals: Signals;
  rates: RateLimits;
  /** Contributions of all modules. Complete only after the last module was created. */
  contributions: Contributions;
}

/** The context of a module that also needs some services of the modules before it. */
export type Needs<Name extends keyof Services = never> = ModuleContext & Pick<Services, Name>;

/** What all modules contribute to the slices that act on every domain's data. */
export interface Contributions {
  /** A user's data for the user's own export, in the order of the export. */
  exportSections(): readonly ExportSection[];
  /** Removes the data that identifies a user, in the unit that deletes the account. */
  eraseUser(unit: Unit, userId: string): Promise<void>;
}

/** What one module gives to the rest of the server. */
export interface ModuleParts<Provided extends Partial<Services>> {
  /** For resolvers and for the modules after this one. */
  services: Provided;
  /** A user's data for the user's own export. */
  exportSections?: readonly ExportSection[];
  /** Removes the data that identifies a user, in the unit that deletes the account. */
  eraseUser?: (unit: Unit, userId: string) => Promise<void>;
  /** Topics of users for the log, as pairs of user and topic, read in the snapshot in progress. */
  loadTopics?: LogOptions["loadTopics"];
  /** Loaders for the rows and records that events refer to. */
  referenceLoaders?: readonly ReferenceLoader[];
  /** Starts work that requests depend on, before the port opens. */
  start?: () => void;
  /** Starts background work, after the port is open. */
  startBackground?: () => void;
  /** Stops work and waits for the step in progress, while the log still accepts writes. */
  stop?: () => Promise<void> | void;
  /** Stops work that must outlast the last write to the log. */
  stopAfterLog?: () => Promise<void> | void;
}

/**
 * One domain as a part of the server. Its file imports the slice's schema files, so the list of modules
 * determines the whole schema.
 */
export interface Module<
  Name extends string,
  Context,
  Provided extends Partial<Services>,
  Own extends Partial<Loaders>,
> {
  readonly name: Name;
  /** The types of events that the slice appends. */
  readonly events?: readonly EventDefinition[];
  /** The kinds of records that events of all slices refer to by id. */
  readonly embeddedReferences?: readonly EmbeddedReference[];
  readonly loaders?: LoaderFactories<Own>;
  /** Creates the slice's stores and services. Starts nothing. */
  readonly create: (context: Context) => ModuleParts<Provided>;
}

/** Defines a module; the compiler infers what it needs and what it provides. */
export function defineModule<
  const Name extends string,
  Context,
  Provided extends Partial<Services> = object,
  Own extends Partial<Loaders> = object,
>(module: Module<Name, Context, Provided, Own>): Module<Name, Context, Provided, Own> {
  return module;
}
