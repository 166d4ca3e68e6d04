import { buildClientSchema, getIntrospectionQuery, type IntrospectionQuery } from "graphql";
import { beforeAll, describe, expect, test } from "vitest";
import { client, type TestClient } from "../kit/client.ts";
import { createDatabase, type TestDatabase } from "../kit/database.ts";
import { startServer } from "../kit/server.ts";
import type { Variables } from "../kit/socket.ts";
import { gather, type Cast } from "./rights/cast.ts";
import {
  outcomeOfCall,
  withConcurrency,
  isRejected,
  knownRows,
  NONE,
  withMissingIds,
  callApart,
  callsIn,
  type MutationCall,
} from "./rights/plan.ts";
import { ELSEWHERE, PLACES } from "./rights/sections.ts";
import { answerOf } from "./rights/words.ts";
import { differences, readTables, type Row } from "./rights/table.ts";

const FILE = "who-may-do-what.md";
const ROWS = await readTables(FILE, 2);
/** Number of cells prepared in parallel. */
const PARALLEL_CELLS = 4;

let database: TestDatabase;
let anyone: TestClient;
let cast: Cast;
let mutations: string[];

beforeAll(async () => {
  database = await createDatabase();
  const server = await startServer({ databaseUrl: database.url });
  anyone = client(server);
  cast = await gather(server);
  const schema = buildClientSchema(await anyone.query<IntrospectionQuery>(getIntrospectionQuery()));
  mutations = Object.keys(schema.getMutationType()?.getFields() ?? {});
});

const rowsOf = (section: string): Row[] => ROWS.filter((row) => row.section === section);

/** Groups the rows of a section by mutation. */
function byMutation(section: string): [string, Row[]][] {
  const names = new Set(rowsOf(section).map(({ keys: [name = ""] }) => name));
  return [...names].map((name) => [name, rowsOf(section).filter(({ keys }) => keys[0] === name)]);
}

/** Reads the log position from the database directly. */
async function head(): Promise<string> {
  const [row] = await database.query<{ position: string }>(`SELECT position FROM "LogHead"`);
  return String(row?.position);
}

function expectAsWritten(rows: readonly Row[], found: ReadonlyMap<Row, Map<string, string>>): void {
  expect(rows.flatMap((row) => differences(row, found.get(row) ?? new Map()))).toEqual([]);
}

/** Creates a result map for each row. */
const outcomesByRow = (rows: readonly Row[]): Map<Row, Map<string, string>> =>
  new Map(rows.map((row) => [row, new Map<string, string>()]));

test(`every mutation has a row in ${FILE}`, () => {
  const named = new Set(ROWS.map(({ keys }) => keys[0]));
  const missing = mutations.filter((name) => !named.has(name));
  expect(
    missing,
    `add what they can be about to rights/in-rooms.ts, in-conversations.ts or elsewhere.ts, and who may do it to rights/${FILE}`,
  ).toEqual([]);
  expect([...named].filter((name) => !mutations.includes(name ?? ""))).toEqual([]);
});

test("every subject of a mutation has a row in every section", () => {
  for (const section of [...Object.keys(PLACES), ...Object.keys(ELSEWHERE)]) {
    const written = rowsOf(section).map(({ keys }) => keys.join(" | "));
    const known = knownRows(section);
    const missing = known.filter((row) => !written.includes(row));
    expect(missing, `add to "${section}" of rights/${FILE}`).toEqual([]);
    expect(
      written.filter((row) => !known.includes(row)),
      `unknown in "${section}"`,
    ).toEqual([]);
  }
});

describe.for(Object.entries(PLACES))("%s", ([section, { open }]) => {
  let shared: Awaited<ReturnType<typeof callsIn>>;

  beforeAll(async () => {
    shared = await callsIn(await open(cast), rowsOf(section));
  });

  test.for(byMutation(section))("%s", async ([, rows]) => {
    const found = outcomesByRow(rows);
    for (const [row, column] of shared.impossible) found.get(row)?.set(column, NONE);
    const ofRows = ({ row }: MutationCall): boolean => rows.includes(row);
    const record = async (call: MutationCall): Promise<void> => {
      found.get(call.row)?.set(call.column, await outcomeOfCall(call));
    };
    const before = await head();
    await Promise.all(shared.rejected.filter(ofRows).map(record));
    expect(await head(), "a rejected call changes nothing").toBe(before);
    // One after another, because two parallel reports or notes would merge.
    for (const call of shared.allowed.filter(ofRows)) await record(call);
    await withConcurrency(
      PARALLEL_CELLS,
      shared.apart.flatMap(([row, column]) =>
        rows.includes(row)
          ? async () => {
              const call = await callApart(cast, anyone, row, column);
              if (call === null) found.get(row)?.set(column, NONE);
              else await record(call);
            }
          : [],
      ),
    );
    expectAsWritten(rows, found);
  });
});

describe.for(Object.keys(ELSEWHERE))("%s", (section) => {
  test.for(byMutation(section))("%s", async ([, rows]) => {
    const found = outcomesByRow(rows);
    for (const row of rows) {
      for (const [column, expected] of row.cells) {
        const call = await callApart(cast, anyone, row, column);
        if (call === null) throw new Error("only cells in places can be impossible");
        const before = await head();
        found.get(row)?.set(column, await outcomeOfCall(call));
        if (isRejected(expected))
          expect(await head(), "a rejected call changes nothing").toBe(before);
      }
    }
    expectAsWritten(rows, found);
  });
});

describe("a client without a session", () => {
  /** Builds a valid input for a mutation. */
  async function anyCall(mutation: string): Promise<MutationCall> {
    for (const row of ROWS.filter(({ keys }) => keys[0] === mutation)) {
      const [column] = [...row.cells].find(([, expected]) => expected !== NONE) ?? [];
      const call = column && (await callApart(cast, anyone, row, column));
      if (call) return call;
    }
    throw new Error(`no call exists for ${mutation}`);
  }

  test("gets UNAUTHENTICATED from every mutation, except those that start a session", async () => {
    const found: Record<string, string> = {};
    for (const mutation of mutations) {
      const call = await anyCall(mutation);
      found[mutation] = await outcomeOfCall({ ...call, client: anyone });
    }
    const open = rowsOf("Without a session").map(({ keys: [name = ""] }) => name);
    expect(
      Object.entries(found).filter(
        ([name, word]) => (word === "unauthenticated") === open.includes(name),
      ),
    ).toEqual([]);
  });
});

describe("a non-member", () => {
  test.for(["In a private room", "In a direct conversation"])(
    "gets the same errors as for objects that do not exist: %s",
    async (section) => {
      const kind = PLACES[section];
      if (kind === undefined) throw new Error(`no place is called "${section}"`);
      const { rejected } = await callsIn(await kind.open(cast), rowsOf(section));
      const outside = rejected.filter(
        ({ row, column }) => column === "outsider" && row.cells.get(column) === "not found",
      );
      expect(outside.length).toBeGreaterThan(30);
      for (const { row, client, input } of outside) {
        const [mutation = ""] = row.keys;
        const none = withMissingIds(input) as Variables;
        expect(await answerOf(client, mutation, input), row.keys.join(" | ")).toEqual(
          await answerOf(client, mutation, none),
        );
      }
    },
  );
});
