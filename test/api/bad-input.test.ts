import {
  buildClientSchema,
  getIntrospectionQuery,
  type GraphQLSchema,
  type IntrospectionQuery,
} from "graphql";
import { beforeAll, describe, expect, test } from "vitest";
import { client, type TestClient } from "../kit/client.ts";
import { createDatabase, type TestDatabase } from "../kit/database.ts";
import { startServer } from "../kit/server.ts";
import type { Variables } from "../kit/socket.ts";
import { gather, type Cast } from "./rights/cast.ts";
import { fieldsOf, nameOf, PROBES, valueAt, withValue, type Field } from "./rights/fields.ts";
import { NONE, callApart, type MutationCall } from "./rights/plan.ts";
import { PLACES } from "./rights/sections.ts";
import { differences, readTables, type Row } from "./rights/table.ts";
import { documentOf, outcomeOf } from "./rights/words.ts";

const FILE = "bad-input.md";
/** The column with the type of an id or the role of a value. */
const KIND = "kind";
const ROWS = await readTables(FILE, 1);
const PLAIN = "In a public room";
/** The rows of allowed mutations, which provide valid input. */
const ALLOWED = (await readTables("who-may-do-what.md", 2)).filter(
  ({ section, cells }) =>
    (section === PLAIN || !(section in PLACES)) && [...cells.values()].includes("yes"),
);

/** An allowed mutation with its valid input. */
type ValidCall = MutationCall & { input: Variables };

let database: TestDatabase;
let anyone: TestClient;
let cast: Cast;
let schema: GraphQLSchema;
let fields: Field[];

beforeAll(async () => {
  database = await createDatabase();
  const server = await startServer({ databaseUrl: database.url });
  anyone = client(server);
  cast = await gather(server);
  schema = buildClientSchema(await anyone.query<IntrospectionQuery>(getIntrospectionQuery()));
  fields = fieldsOf(schema);
});

async function head(): Promise<string> {
  const [row] = await database.query<{ position: string }>(`SELECT position FROM "LogHead"`);
  return String(row?.position);
}

/** Builds an allowed question, with an input that contains the field if possible. */
async function validCall({ mutation, path }: Field): Promise<ValidCall> {
  let any: ValidCall | null = null;
  for (const row of ALLOWED.filter(({ keys }) => keys[0] === mutation)) {
    const [column = ""] = [...row.cells].find(([, expected]) => expected === "yes") ?? [];
    const call = await callApart(cast, anyone, row, column);
    if (call === null || call.input === null) continue;
    any = { ...call, input: call.input };
    if (valueAt(call.input, path.slice(0, 1)) !== undefined) return any;
  }
  if (any === null) throw new Error(`no user may run ${mutation}`);
  return any;
}

const fieldOf = (row: Row): Field => {
  const field = fields.find((one) => nameOf(one) === row.keys[0] && one.section === row.section);
  if (field === undefined) throw new Error(`${row.keys.join()} is no field under ${row.section}`);
  return field;
};

/** Returns the values to try under a heading. */
async function valuesOf(
  row: Row,
  field: Field,
  heading: string,
  call: ValidCall,
): Promise<unknown[]> {
  const kind = row.cells.get(KIND) ?? "";
  if (kind === "Cursor") {
    type Answer = { viewer: { cursor: string } };
    return [(await call.client.query<Answer>("{ viewer { cursor } }")).viewer.cursor];
  }
  const values = PROBES[row.section]?.[heading]?.(kind, valueAt(call.input, field.path));
  if (values === undefined) throw new Error(`"${row.section}" has no "${heading}"`);
  return field.isList && row.section !== "Lists" ? values.map((value) => [value]) : values;
}

/**
 * Returns the outcome of each value of a field, in the words of the table; all in one place until one
 * changes it.
 */
async function outcomesOf(
  field: Field,
  valuesFor: (call: ValidCall) => Promise<unknown[]>,
): Promise<string[]> {
  const words: string[] = [];
  let call = await validCall(field);
  for (const value of await valuesFor(call)) {
    const before = await head();
    const { client, input } = call;
    const word = await outcomeOf(client, field.mutation, withValue(input, field.path, value));
    if (word === "yes") call = await validCall(field);
    else expect(await head(), "a refusal changes nothing").toBe(before);
    words.push(word.replace(`${field.path.join(".")} `, ""));
  }
  return words;
}

async function outcomesOfRow(row: Row): Promise<Map<string, string>> {
  const field = fieldOf(row);
  if (row.section === "Choices") {
    const words = await outcomesOf(field, () => Promise.resolve([...field.values]));
    const said = field.values.map((value, i) => [String(value), words[i] ?? ""] as const);
    const taken = said.filter(([, word]) => word === "yes").map(([value]) => value);
    const refused = said
      .filter(([, word]) => word !== "yes")
      .map(([value, word]) => `${value} ${word}`);
    return new Map([
      ["taken", taken.join(", ") || NONE],
      ["refused", refused.join(", ") || NONE],
    ]);
  }
  const found = new Map([[KIND, row.cells.get(KIND) ?? ""]]);
  for (const heading of row.cells.keys()) {
    if (heading === KIND) continue;
    const words = await outcomesOf(field, (call) => valuesOf(row, field, heading, call));
    found.set(heading, [...new Set(words)].join(" / "));
  }
  return found;
}

test(`every field of every input has a row in ${FILE}`, () => {
  const named = ROWS.map(({ section, keys: [name = ""] }) => `${section}: ${name}`);
  const known = fields.map((field) => `${field.section}: ${nameOf(field)}`);
  expect(
    known.filter((one) => !named.includes(one)),
    `add to rights/${FILE}`,
  ).toEqual([]);
  expect(named.filter((one) => !known.includes(one))).toEqual([]);
});

describe.for([...new Set(ROWS.map(({ section }) => section))])("%s", (section) => {
  const rows = ROWS.filter((row) => row.section === section);
  test.for(rows.map((row) => [row.keys[0] ?? "", row] as const))("%s", async ([, row]) => {
    expect(differences(row, await outcomesOfRow(row))).toEqual([]);
  });
});

describe("a value of the wrong type", () => {
  test("makes the document invalid, in every field", async () => {
    const sound = new Map<string, ValidCall>();
    for (const field of fields) {
      const call = sound.get(field.mutation) ?? (await validCall(field));
      sound.set(field.mutation, call);
      const { client, input } = call;
      const { status, data, errors } = await client.send(documentOf(field.mutation, input), {
        input: withValue(input, field.path.slice(0, 1), { nothing: [] }),
      });
      expect({ data, status: status < 500 }, nameOf(field)).toEqual({ data: null, status: true });
      expect(errors[0]?.extensions?.code, nameOf(field)).not.toBe("INTERNAL_SERVER_ERROR");
    }
  });
});
