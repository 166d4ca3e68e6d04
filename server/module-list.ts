import type { LoaderFactories, Loaders } from "./graphql/loaders.ts";
import type { Services } from "./graphql/services.ts";
import { makeRateLimits } from "./infra/rate-limits.ts";
import { EventDefinitions, type EventDefinition } from "./log/define-event.ts";
import { makeLog, type Log } from "./log/log.ts";
import type { EmbeddedReference, LoadByIds, Reference } from "./log/reference.ts";
import type { Infrastructure, Module, ModuleContext, ModuleParts } from "./module.ts";
import { makeSignals } from "./signal/signals.ts";

const DAY_MS = 86_400_000;

/** Orders of contributions. Modules that an order does not name follow in the order of the list. */
export interface ModuleOrders<Name extends string> {
  exportSections: readonly Name[];
  eraseUser: readonly Name[];
  startBackground: readonly Name[];
  stop: readonly Name[];
}

/** All modules of one instance. */
export interface RunningModules<Provided> {
  services: Provided;
  rates: ModuleContext["rates"];
  /** Starts the log, the signals and the work that requests depend on. */
  start(): Promise<void>;
  /** Starts the background work, which no request waits for. */
  startBackground(): void;
  stop(): Promise<void>;
}

type Created = ModuleParts<Partial<Services>>;

/** A module without its types, which `add` has checked. */
interface UntypedModule {
  readonly name: string;
  readonly events?: readonly EventDefinition[];
  readonly embeddedReferences?: readonly EmbeddedReference[];
  readonly create: (context: never) => Created;
}

/**
 * A list of modules, in the order of their creation. The type parameters carry the names, services and
 * loaders of the modules added before: `add` compiles only for a module that needs no other services.
 */
export class ModuleList<Name extends string, Provided, Own> {
  /** The loaders of all modules. */
  readonly loaders: LoaderFactories<Own>;
  readonly #modules: readonly UntypedModule[];

  private constructor(modules: readonly UntypedModule[], loaders: LoaderFactories<Own>) {
    this.#modules = modules;
    this.loaders = loaders;
  }

  /** The types of events of all modules. */
  get events(): EventDefinitions {
    return new EventDefinitions(this.#modules.flatMap(({ events }) => events ?? []));
  }

  static empty(): ModuleList<never, object, object> {
    return new ModuleList([], {});
  }

  add<N extends string, P extends Partial<Services>, L extends Partial<Loaders>>(
    module: Module<N, ModuleContext & Provided, P, L>,
  ): ModuleList<Name | N, Provided & P, Own & L> {
    const loaders = { ...this.loaders, ...module.loaders } as LoaderFactories<Own & L>;
    return new ModuleList([...this.#modules, module], loaders);
  }

  /** Creates the log, the signals, the rate limits and all modules. Starts nothing. */
  create(
    infrastructure: Infrastructure,
    orders: ModuleOrders<Name>,
  ): RunningModules<Provided & Pick<ModuleContext, "log" | "signals">> {
    const created = new Map<string, Created>();
    const context = makeContext({
      infrastructure,
      created,
      orders,
      definitions: this.events,
      embedded: this.#modules.flatMap(({ embeddedReferences }) => embeddedReferences ?? []),
    });
    const services: Record<string, unknown> = { log: context.log, signals: context.signals };
    for (const { name, create } of this.#modules) {
      const parts = create({ ...context, ...services } as never);
      created.set(name, parts);
      Object.assign(services, parts.services);
    }
    const { log, signals, rates } = context;
    return {
      services: services as Provided & Pick<ModuleContext, "log" | "signals">,
      rates,
      start: async () => {
        await signals.start();
        await log.start();
        for (const { start } of created.values()) start?.();
      },
      startBackground: () => {
        for (const { startBackground } of inOrder(created, orders.startBackground))
          startBackground?.();
      },
      stop: async () => {
        for (const { stop } of inOrder(created, orders.stop)) await stop?.();
        signals.stop();
        await log.stop();
        for (const { stopAfterLog } of created.values()) await stopAfterLog?.();
      },
    };
  }
}

/** The modules that `first` names, in its order, then the others in the order of the list. */
function inOrder(created: ReadonlyMap<string, Created>, first: readonly string[]): Created[] {
  const names = new Set([...first, ...created.keys()]);
  return [...names].flatMap((name) => created.get(name) ?? []);
}

interface ContextOptions {
  infrastructure: Infrastructure;
  /** Filled while the modules are created: the log and the account slice use contributions of later modules. */
  created: ReadonlyMap<string, Created>;
  orders: Pick<ModuleOrders<string>, "exportSections" | "eraseUser">;
  definitions: EventDefinitions;
  embedded: readonly EmbeddedReference[];
}

function makeContext(options: ContextOptions): ModuleContext {
  const { infrastructure, created, orders } = options;
  const { config, bus, redis, logger, clock, instanceId } = infrastructure;
  const log = makeModulesLog(options);
  return {
    ...infrastructure,
    log,
    signals: makeSignals({ bus, log, logger, instanceId }),
    rates: makeRateLimits({
      redis,
      windows: (limit) => (config.RATE_LIMITS ? config[`RATE_${limit}`] : "0"),
      now: clock.now,
    }),
    contributions: {
      exportSections: () =>
        inOrder(created, orders.exportSections).flatMap(
          ({ exportSections }) => exportSections ?? [],
        ),
      eraseUser: async (unit, userId) => {
        for (const { eraseUser } of inOrder(created, orders.eraseUser))
          await eraseUser?.(unit, userId);
      },
    },
  };
}

/** Creates the log, which reads records and topics through the modules. */
function makeModulesLog(options: Omit<ContextOptions, "orders">): Log {
  const { infrastructure, created, definitions, embedded } = options;
  const { config, database, bus, logger, clock } = infrastructure;
  const loaderOf = (reference: Reference): LoadByIds => {
    for (const { referenceLoaders = [] } of created.values())
      for (const loader of referenceLoaders) if (loader.reference === reference) return loader.load;
    throw new Error(`No module loads the rows of ${reference.idField}`);
  };
  return makeLog({
    database,
    bus,
    logger,
    definitions,
    embedded,
    loaderOf,
    loadTopics: async (tx, userIds) => {
      const topics: (readonly [string, string])[] = [];
      for (const { loadTopics } of created.values())
        if (loadTopics !== undefined) topics.push(...(await loadTopics(tx, userIds)));
      return topics;
    },
    replayLimit: config.REPLAY_LIMIT,
    heartbeatMs: config.HEARTBEAT_SECONDS * 1_000,
    retentionMs: config.EVENT_RETENTION_DAYS * DAY_MS,
    now: clock.now,
  });
}
