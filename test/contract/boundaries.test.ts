import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { cruise, type ICruiseResult } from "dependency-cruiser";
import extractConfig from "dependency-cruiser/config-utl/extract-depcruise-config";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

type Tree = Record<string, string>;

/** One file of each kind, with every import that the table allows. */
const CLEAN: Tree = {
  "node_modules/@prisma/client/package.json": `{ "name": "@prisma/client", "main": "index.js" }`,
  "node_modules/@prisma/client/index.js": `export const Prisma = {};`,
  "server/generated/prisma/client.ts": `export class PrismaClient {}; export interface Row { id: string }`,
  "server/kernel/ids.ts": `export const newId = (): string => "1";`,
  "server/config.ts": `import { newId } from "./kernel/ids.ts"; export interface Config { id: string }; export const id = newId();`,
  "server/infra/database/database.ts": `
    import { Prisma } from "@prisma/client";
    import { PrismaClient } from "../../generated/prisma/client.ts";
    import { newId } from "../../kernel/ids.ts";
    export interface Database { client: PrismaClient }; export const database = [Prisma, newId];`,
  "server/infra/bus.ts": `import { newId } from "../kernel/ids.ts"; export type Bus = string; export const bus = newId();`,
  "server/log/event.ts": `export interface LogEvent { id: string }`,
  "server/log/log.ts": `
    import { bus } from "../infra/bus.ts"; import { newId } from "../kernel/ids.ts";
    import type { LogEvent } from "./event.ts";
    export interface Transaction { event: LogEvent }; export const log = [bus, newId];`,
  "server/delivery/frame.ts": `import { log } from "../log/log.ts"; export const frame = log;`,
  "server/log/stream.ts": `import { log } from "./log.ts"; export const stream = log;`,
  "server/signal/signal.ts": `
    import type { UserRecord } from "../domain/user/user.record.ts"; export interface Signal { about: UserRecord }`,
  "server/signal/signal-iterator.ts": `import type { Signal } from "./signal.ts"; export const iterate = (s: Signal): string => s.about;`,
  "server/signal/signals.ts": `
    import { bus } from "../infra/bus.ts"; import { newId } from "../kernel/ids.ts"; import { log } from "../log/log.ts";
    import type { Signal } from "./signal.ts";
    export const signals = (s: Signal) => [bus, newId, log, s];`,
  "server/log/define-event.ts": `export const defineEvent = (): number => 1;`,
  "server/domain/user/user.events.ts": `
    import { defineEvent } from "../../log/define-event.ts"; import type { UserRecord } from "./user.record.ts";
    export const userChanged = (u: UserRecord) => [defineEvent, u];`,
  "server/domain/user/user.errors.ts": `
    import { newId } from "../../kernel/ids.ts"; export const nameTaken = newId();`,
  "server/domain/room/room.events.ts": `
    import { newId } from "../../kernel/ids.ts"; import { defineEvent } from "../../log/define-event.ts";
    import type { UserRecord } from "../user/user.record.ts"; import { userChanged } from "../user/user.events.ts";
    import { slug } from "./slug.ts";
    export const roomCreated = (u: UserRecord) => [newId, defineEvent, userChanged, slug, u];`,
  "server/domain/user/user.record.ts": `
    import { newId } from "../../kernel/ids.ts"; export interface UserRecord { id: ReturnType<typeof newId> }`,
  "server/domain/room/room.record.ts": `
    import type { UserRecord } from "../user/user.record.ts"; export interface RoomRecord { owner: UserRecord }`,
  "server/domain/room/slug.ts": `import { newId } from "../../kernel/ids.ts"; export const slug = newId();`,
  "server/domain/room/room.policy.ts": `
    import { newId } from "../../kernel/ids.ts";
    import type { RoomRow } from "./room.store.ts"; import type { LogEvent } from "../../log/event.ts";
    export const canJoin = (row: RoomRow, event: LogEvent): boolean => row.id === event.id + newId();`,
  "server/domain/room/room.store.ts": `
    import { database } from "../../infra/database/database.ts"; import { newId } from "../../kernel/ids.ts";
    import type { Row } from "../../generated/prisma/client.ts"; import type { Transaction } from "../../log/log.ts";
    import { slug } from "./slug.ts"; import { roomCreated } from "./room.events.ts";
    import { nameTaken } from "../user/user.errors.ts"; import { isActive } from "../user/user.sql.ts";
    export type RoomRow = Row;
    export const rooms = (t: Transaction) => [database, newId, slug, roomCreated, nameTaken, isActive, t];`,
  "server/domain/room/room.service.ts": `
    import { newId } from "../../kernel/ids.ts"; import { log } from "../../log/log.ts";
    import { author } from "../user/user.service.ts";
    import { canJoin } from "./room.policy.ts"; import { rooms } from "./room.store.ts";
    import type { Bus } from "../../infra/bus.ts"; import { signals } from "../../signal/signals.ts";
    import type { UserRecord } from "../user/user.record.ts"; import { userChanged } from "../user/user.events.ts";
    import { nameTaken } from "../user/user.errors.ts";
    export const joinRoom = (bus: Bus, u: UserRecord) => [nameTaken, userChanged, newId, log, author, canJoin, rooms, bus, signals, u];`,
  "server/domain/user/user.sql.ts": `
    import { database } from "../../infra/database/database.ts"; import { newId } from "../../kernel/ids.ts";
    export const isActive = [database, newId];`,
  "server/domain/user/user.store.ts": `
    import type { UserRecord } from "./user.record.ts"; export const users = (u: UserRecord) => u;`,
  "server/domain/user/user.service.ts": `import { users } from "./user.store.ts"; export type Author = number; export const author = users;`,
  "server/domain/user/user.schema.ts": `
    import { builder } from "../../graphql/builder.ts"; import { author } from "./user.service.ts";
    export const UserRef = [builder, author];`,
  "server/domain/room/room.schema.ts": `
    import { builder } from "../../graphql/builder.ts"; import { newId } from "../../kernel/ids.ts";
    import type { LogEvent } from "../../log/event.ts"; import { stream } from "../../log/stream.ts";
    import { UserRef } from "../user/user.schema.ts"; import { joinRoom } from "./room.service.ts";
    import { roomCreated } from "./room.events.ts"; import { iterate } from "../../signal/signal-iterator.ts";
    import { nameTaken } from "../user/user.errors.ts";
    export const RoomRef = (event: LogEvent) => [nameTaken, builder, newId, stream, UserRef, joinRoom, roomCreated, event, iterate];`,
  "server/graphql/builder.ts": `
    import { PrismaClient } from "../generated/prisma/client.ts";
    import { database } from "../infra/database/database.ts"; export const builder = [PrismaClient, database];`,
  "server/graphql/execute.ts": `
    import { builder } from "./builder.ts"; import { newId } from "../kernel/ids.ts";
    import { log } from "../log/log.ts"; import { signals } from "../signal/signals.ts";
    export const execute = [builder, newId, log, signals];`,
  "server/module.ts": `
    import type { Config } from "./config.ts"; import { log } from "./log/log.ts";
    export const defineModule = (c: Config) => [log, c];`,
  "server/domain/room/room.module.ts": `
    import type { Config } from "../../config.ts"; import { builder } from "../../graphql/builder.ts";
    import { bus } from "../../infra/bus.ts"; import { newId } from "../../kernel/ids.ts";
    import { log } from "../../log/log.ts"; import { signals } from "../../signal/signals.ts";
    import { defineModule } from "../../module.ts"; import type { Author } from "../user/user.service.ts";
    import { RoomRef } from "./room.schema.ts"; import { joinRoom } from "./room.service.ts";
    import { rooms } from "./room.store.ts"; import { canJoin } from "./room.policy.ts"; import { slug } from "./slug.ts";
    export const roomModule = (c: Config, a: Author) =>
      [a, builder, bus, newId, log, signals, defineModule, RoomRef, joinRoom, rooms, canJoin, slug, c];`,
  "server/module-list.ts": `
    import { defineModule } from "./module.ts"; import { builder } from "./graphql/builder.ts";
    import { bus } from "./infra/bus.ts"; export const list = [defineModule, builder, bus];`,
  "server/modules.ts": `
    import { roomModule } from "./domain/room/room.module.ts"; import { list } from "./module-list.ts";
    export const modules = [roomModule, list];`,
  "server/schema.ts": `
    import { modules } from "./modules.ts"; import { builder } from "./graphql/builder.ts";
    export const schema = [modules, builder];`,
  "server/http/yoga.ts": `
    import { execute } from "../graphql/execute.ts"; import { bus } from "../infra/bus.ts";
    import { author } from "../domain/user/user.service.ts"; import type { Config } from "../config.ts";
    import { nameTaken } from "../domain/user/user.errors.ts";
    export const yoga = (c: Config) => [nameTaken, execute, bus, author, c];`,
  "server/app.ts": `
    import { id } from "./config.ts"; import { modules } from "./modules.ts"; import { bus } from "./infra/bus.ts";
    import { yoga } from "./http/yoga.ts"; import { migrate } from "../prisma/migrate.ts";
    export const app = [id, modules, bus, yoga, migrate];`,
  "server/launcher/build.mjs": `export const build = () => import("node:fs");`,
  "server/supervisor/ports.ts": `
    import { id } from "../config.ts"; import { database } from "../infra/database/database.ts";
    import { newId } from "../kernel/ids.ts"; import { migrate } from "../../prisma/migrate.ts";
    export const ports = [id, database, newId, migrate];`,
  "server/start.mjs": `import { build } from "./launcher/build.mjs"; export const start = build;`,
  "prisma/migrate.ts": `
    import { id } from "../server/config.ts"; import { database } from "../server/infra/database/database.ts";
    export const migrate = [id, database];`,
  "sdk/src/index.ts": `export const parley = 1;`,
  "cli/main.ts": `import { parley } from "../sdk/src/index.ts"; export const cli = parley;`,
  "web/src/main.ts": `import { parley } from "../../sdk/src/index.ts"; export const web = parley;`,
  "test/kit/server.ts": `import { app } from "../../server/app.ts"; export const kit = app;`,
};

/** For each rule, files that each violate it once. The path is the file, the text its only import. */
const VIOLATIONS: Record<string, Tree> = {
  kernel: {
    "server/kernel/bad.ts": `import { bus } from "../infra/bus.ts";`,
    "server/kernel/bad-type.ts": `import type { LogEvent } from "../log/event.ts";`,
  },
  config: { "server/config.ts": `import { bus } from "./infra/bus.ts";` },
  infra: { "server/infra/bad.ts": `import { log } from "../log/log.ts";` },
  log: {
    "server/log/bad.ts": `import { author } from "../domain/user/user.service.ts";`,
    "server/log/bad-record.ts": `import type { UserRecord } from "../domain/user/user.record.ts";`,
    "server/log/bad-config.ts": `import { id } from "../config.ts";`,
    "server/log/bad-delivery.ts": `import { frame } from "../delivery/frame.ts";`,
  },
  delivery: { "server/delivery/bad.ts": `import { bus } from "../infra/bus.ts";` },
  signal: {
    "server/signal/bad.ts": `import { author } from "../domain/user/user.service.ts";`,
    "server/signal/bad-graphql.ts": `import { execute } from "../graphql/execute.ts";`,
  },
  policy: {
    "server/domain/room/bad.policy.ts": `import { rooms } from "./room.store.ts";`,
    "server/domain/room/bad-node.policy.ts": `import { readFileSync } from "node:fs";`,
    "server/domain/room/bad-type.policy.ts": `import type { Database } from "../../infra/database/database.ts";`,
    // A type import beside it must not hide the violation.
    "server/domain/room/bad-both.policy.ts": `import type { RoomRow } from "./room.store.ts"; import { rooms } from "./room.store.ts";`,
  },
  store: {
    "server/domain/room/bad.store.ts": `import { users } from "../user/user.store.ts";`,
    "server/domain/room/bad-events.store.ts": `import { userChanged } from "../user/user.events.ts";`,
    "server/domain/room/bad-log.store.ts": `import { log } from "../../log/log.ts";`,
    "server/domain/room/bad-bus.store.ts": `import { bus } from "../../infra/bus.ts";`,
  },
  service: {
    "server/domain/room/bad.service.ts": `import { users } from "../user/user.store.ts";`,
    "server/domain/user/bad.service.ts": `import { canJoin } from "../room/room.policy.ts";`,
    "server/domain/room/bad-sql.service.ts": `import { isActive } from "../user/user.sql.ts";`,
    "server/domain/room/bad-infra.service.ts": `import { database } from "../../infra/database/database.ts";`,
    "server/domain/room/bad-bus.service.ts": `import { bus } from "../../infra/bus.ts";`,
    "server/domain/room/bad-rows.service.ts": `import type { Database } from "../../infra/database/database.ts";`,
    "server/domain/room/bad-record.service.ts": `import { x } from "../user/user.record.ts";`,
    "server/domain/room/bad-graphql.service.ts": `import { execute } from "../../graphql/execute.ts";`,
  },
  schema: {
    "server/domain/room/bad.schema.ts": `import { rooms } from "./room.store.ts";`,
    "server/domain/room/bad-policy.schema.ts": `import { canJoin } from "./room.policy.ts";`,
    "server/domain/room/bad-events.schema.ts": `import { userChanged } from "../user/user.events.ts";`,
    "server/domain/room/bad-other.schema.ts": `import { author } from "../user/user.service.ts";`,
    "server/domain/room/bad-log.schema.ts": `import { log } from "../../log/log.ts";`,
    "server/domain/room/bad-signal.schema.ts": `import { signals } from "../../signal/signals.ts";`,
  },
  record: {
    "server/domain/room/bad.record.ts": `import type { RoomRow } from "./room.store.ts";`,
    "server/domain/room/bad-value.record.ts": `import { x } from "../user/user.record.ts";`,
  },
  events: {
    "server/domain/room/bad.events.ts": `import { rooms } from "./room.store.ts";`,
    "server/domain/room/bad-log.events.ts": `import { log } from "../../log/log.ts";`,
    "server/domain/room/bad-record.events.ts": `import { x } from "../user/user.record.ts";`,
  },
  errors: {
    "server/domain/room/bad.errors.ts": `import { slug } from "./slug.ts";`,
    "server/domain/room/bad-type.errors.ts": `import type { RoomRow } from "./room.store.ts";`,
    "server/domain/room/bad-graphql.errors.ts": `import { builder } from "../../graphql/builder.ts";`,
  },
  sql: {
    "server/domain/room/bad.sql.ts": `import { rooms } from "./room.store.ts";`,
    "server/domain/room/bad-log.sql.ts": `import { log } from "../../log/log.ts";`,
  },
  "domain-module": {
    "server/domain/room/bad.ts": `import { rooms } from "./room.store.ts";`,
    "server/domain/room/bad-other.ts": `import { users } from "../user/user.store.ts";`,
  },
  module: {
    "server/domain/room/bad-service.module.ts": `import { author } from "../user/user.service.ts";`,
    "server/domain/room/bad.module.ts": `import { users } from "../user/user.store.ts";`,
    "server/domain/user/bad.module.ts": `import { RoomRef } from "../room/room.schema.ts";`,
    "server/domain/room/bad-module.module.ts": `import { modules } from "../../modules.ts";`,
    "server/domain/room/bad-http.module.ts": `import { yoga } from "../../http/yoga.ts";`,
    "server/domain/room/bad-config.module.ts": `import { id } from "../../config.ts";`,
  },
  graphql: {
    "server/graphql/bad-type.ts": `import type { author } from "../domain/user/user.service.ts";`,
    "server/graphql/bad-module.ts": `import { defineModule } from "../module.ts";`,
    "server/graphql/bad-schema.ts": `import { UserRef } from "../domain/user/user.schema.ts";`,
    "server/graphql/bad.ts": `import { users } from "../domain/user/user.store.ts";`,
    "server/graphql/bad-http.ts": `import { yoga } from "../http/yoga.ts";`,
  },
  http: {
    "server/http/bad.ts": `import { rooms } from "../domain/room/room.store.ts";`,
    "server/http/bad-schema.ts": `import { RoomRef } from "../domain/room/room.schema.ts";`,
    "server/http/bad-config.ts": `import { id } from "../config.ts";`,
    "server/http/bad-app.ts": `import { app } from "../app.ts";`,
  },
  "module-contract": {
    "server/module.ts": `import { author } from "./domain/user/user.service.ts";`,
    "server/module-list.ts": `import { yoga } from "./http/yoga.ts";`,
  },
  modules: {
    "server/modules.ts": `import { author } from "./domain/user/user.service.ts";`,
  },
  composition: {
    "server/main.ts": `import { kit } from "../test/kit/server.ts";`,
    "server/bad-services.ts": `import { author } from "./domain/user/user.service.ts";`,
    "server/bad-stores.ts": `import { users } from "./domain/user/user.store.ts";`,
  },
  "domain-list": {
    "server/bad-list.ts": `import { roomModule } from "./domain/room/room.module.ts";`,
    "server/domain/user/bad-list.module.ts": `import { roomModule } from "../room/room.module.ts";`,
  },
  launcher: { "server/launcher/bad.mjs": `import { id } from "../config.ts";` },
  supervisor: { "server/supervisor/bad.ts": `import { app } from "../app.ts";` },
  prisma: { "prisma/bad.ts": `import { log } from "../server/log/log.ts";` },
  sdk: { "sdk/src/bad.ts": `import { newId } from "../../server/kernel/ids.ts";` },
  cli: { "cli/bad.ts": `import { newId } from "../server/kernel/ids.ts";` },
  web: {
    "web/src/bad.ts": `import type { LogEvent } from "../../server/log/event.ts";`,
    "web/src/bad-test.ts": `import { kit } from "../../test/kit/server.ts";`,
  },
  place: {
    "server/domain/room/room.manager.ts": `import { newId } from "../../kernel/ids.ts";`,
    "server/services/room.ts": `import { newId } from "../kernel/ids.ts";`,
  },
  "prisma-in-stores": {
    "server/domain/room/bad-prisma.service.ts": `import { PrismaClient } from "../../generated/prisma/client.ts";`,
    "server/log/bad-prisma.ts": `import { Prisma } from "@prisma/client";`,
    "server/domain/room/bad-row.service.ts": `import type { Row } from "../../generated/prisma/client.ts";`,
  },
  "no-catch-all": { "server/kernel/bad-names.ts": `import { x } from "./utils.ts";` },
  "no-cycle": { "server/kernel/bad-cycle.ts": `import type { Half } from "./ring.ts";` },
  resolvable: { "server/kernel/bad-path.ts": `import { x } from "./nowhere.ts";` },
};

/** Further files that the violations need besides the clean tree. */
const SUPPORT: Tree = {
  "server/kernel/utils.ts": `export const x = 1;`,
  "server/kernel/ring.ts": `import type { Whole } from "./bad-cycle.ts"; export interface Half { w: Whole }`,
};

const config = await extractConfig(join(import.meta.dirname, "../../.dependency-cruiser.js"));
const rules = config.forbidden ?? [];
const folders: string[] = [];

async function plant(...trees: Tree[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "parley-boundaries-"));
  folders.push(folder);
  for (const [path, text] of trees.flatMap((tree) => Object.entries(tree))) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return folder;
}

/** Returns the violations of the tree in `folder` as `rule: file`. */
async function violationsIn(folder: string): Promise<string[]> {
  const { tsConfig: _, ...options } = config.options ?? {};
  const result = await cruise(["server", "prisma", "sdk", "cli", "web", "test"], {
    ...options,
    baseDir: folder,
    validate: true,
    ruleSet: { forbidden: rules },
  });
  const { summary } = result.output as ICruiseResult;
  return summary.violations.map((violation) => `${violation.rule.name}: ${violation.from}`);
}

afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

describe("import rules", () => {
  let found: string[] = [];
  beforeAll(async () => {
    found = await violationsIn(await plant(CLEAN, SUPPORT, ...Object.values(VIOLATIONS)));
  });

  test("allow every import in the table", async () => {
    expect(await violationsIn(await plant(CLEAN))).toEqual([]);
  });

  test("have a violation case for each rule", () => {
    expect(Object.keys(VIOLATIONS).sort()).toEqual(
      [...new Set(rules.map((r) => String(r.name)))].sort(),
    );
  });

  for (const [rule, files] of Object.entries(VIOLATIONS)) {
    test.for(Object.entries(files))(`${rule} rejects %s`, ([file]) => {
      expect(found).toContain(`${rule}: ${file}`);
    });
  }
});
