import { AsyncResource } from "node:async_hooks";
import { randomUUID } from "node:crypto";
import pg from "pg";
import { beforeAll, expect, test } from "vitest";
import { openDatabase, type Database, type Db } from "../../server/infra/database/database.ts";
import { makeDatabaseWatch } from "../../server/infra/database/watch.ts";
import { createDatabase, type TestDatabase } from "../kit/database.ts";
import { onRelease } from "../kit/resources.ts";

const HEAD = `SELECT position, pg_backend_pid() AS connection FROM "LogHead" WHERE id = 1`;
const MOVE = `UPDATE "LogHead" SET position = position + 1 WHERE id = 1`;

interface Head {
  position: string;
  connection: number;
}

let postgres: TestDatabase;
let database: Database;

beforeAll(async () => {
  postgres = await createDatabase();
  database = openDatabase({ url: postgres.url, size: 8 });
  onRelease(() => database.close());
});

async function head(db: Db = database.main): Promise<Head> {
  const [row] = await db.query<Head>(HEAD, []);
  if (row === undefined) throw new Error("A log without a head");
  return row;
}

test("a transaction reads its own writes, which others see only after COMMIT", async () => {
  const before = Number((await head()).position);
  await database.transaction(async (tx) => {
    await tx.prisma.$executeRawUnsafe(MOVE);
    const within = await head(tx);
    expect(Number(within.position)).toBe(before + 1);
    const [own] = await tx.prisma.$queryRawUnsafe<Head[]>(HEAD);
    expect(own?.connection).toBe(within.connection);
    const [outside] = await postgres.query<Head>(HEAD);
    expect(Number(outside?.position)).toBe(before);
  });
  expect(Number((await head()).position)).toBe(before + 1);
});

test("hot reads are planned once, independently of their parameters", async () => {
  const text = `SELECT id, pg_backend_pid() AS connection FROM "User" WHERE id = ANY($1::uuid[])`;
  const times = 10;
  for (let time = 0; time < times; time += 1) await database.main.query(text, [[randomUUID()]]);
  const plans = await database.main.query<{ generic: string; custom: string }>(
    `SELECT generic_plans AS generic, custom_plans AS custom FROM pg_prepared_statements WHERE statement = $1`,
    [text],
  );
  expect(plans).toEqual([{ generic: String(times), custom: "0" }]);
});

test("a transaction sees rows committed while it waited, at any default isolation of the database", async () => {
  const strict = await createDatabase();
  const { pathname } = new URL(strict.url);
  await strict.query(
    `ALTER DATABASE ${pathname.slice(1)} SET default_transaction_isolation = 'serializable'`,
  );
  const opened = openDatabase({ url: strict.url, size: 8 });
  onRelease(() => opened.close());
  const level = "SELECT current_setting('transaction_isolation') AS level";
  const answers = [
    await opened.main.query(level, []),
    await opened.log.query(level, []),
    await opened.bounded.query(level, []),
    await opened.main.prisma.$queryRawUnsafe(level),
    await opened.transaction((tx) => tx.query(level, [])),
    await opened.transaction((tx) => tx.prisma.$queryRawUnsafe(level)),
  ];
  expect(answers).toEqual(answers.map(() => [{ level: "read committed" }]));
  for (const read of [(tx: Db) => tx.query(level, []), () => opened.main.query(level, [])])
    expect(await opened.snapshot(read)).toEqual([{ level: "repeatable read" }]);
});

test.for([["in its async context"], ["outside its async context"]])(
  "writes that bypass Prisma are rolled back with their transaction, %s",
  async ([where]) => {
    const before = await head();
    const outside = new AsyncResource("outside");
    const undone = database.transaction(async (tx) => {
      const write = () => tx.query(MOVE, []);
      await (where === "in its async context" ? write() : outside.runInAsyncScope(write));
      expect(Number((await head(tx)).position)).toBe(Number(before.position) + 1);
      throw new Error("undone");
    });
    await expect(undone).rejects.toThrow("undone");
    expect((await head()).position).toBe(before.position);
  },
);

test("database.main rejects statements inside a transaction, which must run on its handle", async () => {
  await database.transaction(async (tx) => {
    await expect(head()).rejects.toThrow("inside a unit");
    expect(() => database.main.prisma).toThrow("inside a unit");
    await expect(database.transaction(() => head(tx))).rejects.toThrow("inside another");
    await expect(head(tx)).resolves.toBeDefined();
  });
  await expect(head()).resolves.toBeDefined();
});

test("no connection uses JIT compilation", async () => {
  const jit = "SELECT current_setting('jit') AS jit";
  const answers = [
    await database.main.query(jit, []),
    await database.log.query(jit, []),
    await database.bounded.query(jit, []),
    await database.bounded.queryUnprepared(jit, []),
    await database.main.prisma.$queryRawUnsafe(jit),
  ];
  for (const answer of answers) expect(answer).toEqual([{ jit: "off" }]);
});

test("all reads of a snapshot see one moment, even in parallel", async () => {
  await database.snapshot(async () => {
    const first = await head();
    await postgres.query(MOVE);
    const rest = await Promise.all([head(), head(), head()]);
    expect(rest).toEqual([first, first, first]);
  });
});

test("a timer set in a snapshot reads outside the snapshot once it has ended", async () => {
  let late: () => Promise<Head> = head;
  await database.snapshot(async () => {
    await head();
    late = AsyncResource.bind(() => head());
  });
  await postgres.query(MOVE);
  expect(await late()).toEqual({ ...(await head()), connection: expect.any(Number) });
});

test("parallel snapshots use separate connections", async () => {
  let meet = (): void => undefined;
  const met = new Promise<void>((resolve) => (meet = resolve));
  const inSnapshot = (arrive: () => void) =>
    database.snapshot(async () => {
      const { connection } = await head();
      arrive();
      await met;
      expect((await head()).connection).toBe(connection);
      return connection;
    });
  let arrived = 0;
  const arrive = (): void => {
    if ((arrived += 1) === 2) meet();
  };
  const [one, other] = await Promise.all([inSnapshot(arrive), inSnapshot(arrive)]);
  expect(one).not.toBe(other);
});

test("a read that outlives its transaction never uses the connection after another owner has borrowed it", async () => {
  let late: () => Promise<Head> = head;
  await database.transaction(async (tx) => {
    await head(tx);
    late = AsyncResource.bind(() => head(tx));
  });
  await expect(late()).rejects.toThrow(/transaction/i);
  expect(await head()).toBeDefined();
});

test("a snapshot that exceeded its time limit cannot read any more", async () => {
  const endless = database.snapshot(async () => {
    for (;;) await head();
  }, 100);
  await expect(endless).rejects.toThrow(/transaction/i);
  expect(await head()).toBeDefined();
});

test("a connection that is cut before its borrower adds an error listener affects no other", async () => {
  const { Client } = makeDatabaseWatch({ connectionString: postgres.url });
  const pool = new pg.Pool({ connectionString: postgres.url, Client });
  onRelease(() => pool.end());
  const connection = await pool.connect();
  expect(connection.emit("error", new Error("terminating connection"))).toBe(true);
  connection.release(true);
  expect((await pool.query(HEAD)).rows).toHaveLength(1);
});
