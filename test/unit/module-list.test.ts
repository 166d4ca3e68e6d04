import { expect, test } from "vitest";
import { readConfig } from "../../server/config.ts";
import { makeSoloBus } from "../../server/infra/bus/solo-bus.ts";
import type { Database } from "../../server/infra/database/database.ts";
import { systemClock } from "../../server/kernel/clock.ts";
import { makeLogger } from "../../server/kernel/logger.ts";
import { defineModule, type ModuleContext, type Needs } from "../../server/module.ts";
import { ModuleList } from "../../server/module-list.ts";
import { createModules } from "../../server/modules.ts";

const infrastructure = {
  config: readConfig({}),
  database: {} as Database,
  bus: makeSoloBus(),
  redis: null,
  logger: makeLogger({ level: "silent" }),
  clock: systemClock,
  instanceId: "test",
};

const unit = {} as Parameters<ModuleContext["contributions"]["eraseUser"]>[0];

/** Creates three modules that record their calls; the last one records the contributions. */
function recordedModules(): { calls: string[]; list: ReturnType<typeof listOf> } {
  const calls: string[] = [];
  return { calls, list: listOf(calls) };
}

function listOf(calls: string[]) {
  let contributions: ModuleContext["contributions"] | null = null;
  const record = (name: string) => () => void calls.push(name);
  const module = <const Name extends string>(name: Name) =>
    defineModule({
      name,
      create: (context: ModuleContext) => {
        calls.push(`create ${name}`);
        contributions = context.contributions;
        return {
          services: {},
          exportSections: [{ type: name, page: () => Promise.resolve({ items: [], next: null }) }],
          eraseUser: async (_unit, userId) => void calls.push(`erase ${userId} in ${name}`),
          startBackground: record(`background ${name}`),
          stop: record(`stop ${name}`),
        };
      },
    });
  return {
    modules: ModuleList.empty().add(module("first")).add(module("second")).add(module("third")),
    contributions: () => {
      if (contributions === null) throw new Error("Nothing was created");
      return contributions;
    },
  };
}

const LIST_ORDER = { exportSections: [], eraseUser: [], startBackground: [], stop: [] };

test("a module list creates its modules in the order of the list", () => {
  const { calls, list } = recordedModules();
  list.modules.create(infrastructure, LIST_ORDER);
  expect(calls).toEqual(["create first", "create second", "create third"]);
});

test("a module that needs a service of no earlier module does not compile", () => {
  const needsUsers = defineModule({
    name: "needs-users",
    create: ({ users }: Needs<"users">) => ({ services: { users } }),
  });
  // @ts-expect-error -- no module before this one provides users
  expect(ModuleList.empty().add(needsUsers)).toBeInstanceOf(ModuleList);
});

test("contributions follow the given order, then the order of the list", async () => {
  const { calls, list } = recordedModules();
  const created = list.modules.create(infrastructure, {
    exportSections: ["third", "first"],
    eraseUser: ["second"],
    startBackground: ["third", "second", "first"],
    stop: ["second", "third"],
  });
  calls.length = 0;
  expect(
    list
      .contributions()
      .exportSections()
      .map(({ type }) => type),
  ).toEqual(["third", "first", "second"]);
  await list.contributions().eraseUser(unit, "ada");
  created.startBackground();
  expect(calls).toEqual([
    "erase ada in second",
    "erase ada in first",
    "erase ada in third",
    "background third",
    "background second",
    "background first",
  ]);
});

test("the modules of the server are created without any access to the database", () => {
  const untouchable: object = new Proxy(() => undefined, {
    get: () => untouchable,
    apply: () => {
      throw new Error("The database was used");
    },
  });
  const { services } = createModules({ ...infrastructure, database: untouchable as Database });
  expect(services.log.counts()).toEqual({ streams: 0, subscribers: 0 });
});
