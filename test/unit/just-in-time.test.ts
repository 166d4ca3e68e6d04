import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  buildSchema,
  execute,
  getNamedType,
  isInputObjectType,
  parse,
  validate,
  type ExecutionResult,
} from "graphql";
import { beforeAll, expect, test } from "vitest";
import { loadCompiler, makeJustInTimeExecutor } from "../../server/graphql/just-in-time.ts";

const schema = buildSchema(`
  type Query { echo(text: String, list: [String], deep: Deep): String, self: Query }
  input Deep { text: String, deeper: Deeper }
  input Deeper { text: String }
`);

const fields = schema.getQueryType()?.getFields() ?? {};
for (const [name, field] of Object.entries(fields))
  field.resolve = (_source, args): unknown => (name === "self" ? {} : JSON.stringify(args));

/** More executions than an operation needs to be compiled. */
const TIMES = 12;

/** Strings that would do harm if they became part of code. */
const HOSTILE = [
  `"); process.exit(3); ("`,
  "'); process.exit(3); ('",
  "`); process.exit(3); (`",
  "${process.exit(3)}",
  "*/ process.exit(3) /*",
  "\\",
  '\\"',
  "\u2028process.exit(3)\u2029",
  "\n\r\0",
  "</script><script>process.exit(3)</script>",
];
const NAMES = ["__proto__", "constructor", "toString", "hasOwnProperty", "undefined", "arguments"];

beforeAll(loadCompiler);

/** Returns each result, which must equal the result of graphql-js. */
async function answers(
  query: string,
  variableValues: Record<string, unknown> = {},
): Promise<ExecutionResult[]> {
  const document = parse(query);
  expect(validate(schema, document)).toEqual([]);
  const run = makeJustInTimeExecutor(schema);
  const all: ExecutionResult[] = [];
  for (let time = 0; time < TIMES; time += 1)
    all.push(await run({ schema, document, variableValues, contextValue: {} }));
  const plain = await execute({ schema, document, variableValues });
  for (const each of all) expect(JSON.stringify(each)).toBe(JSON.stringify(plain));
  return all;
}

test.for(HOSTILE)("a hostile string stays a string in a compiled operation: %j", async (text) => {
  const literal = JSON.stringify(text);
  const query = `{ echo(text: ${literal}, list: [${literal}], deep: { deeper: { text: ${literal} } }) }`;
  const [first] = await answers(query);
  const args = { text, list: [text], deep: { deeper: { text } } };
  expect(first?.data).toEqual({ echo: JSON.stringify(args) });
  await answers("query ($text: String, $deep: Deep) { echo(text: $text, deep: $deep) }", {
    text,
    deep: { text },
  });
});

test.for(NAMES)(
  "a name with a meaning in JavaScript works in a compiled operation: %s",
  async (name) => {
    const [first] = await answers(`
    query ${name}($${name}: String = "x") {
      ${name}: echo(text: $${name})
      self { ${name}: self { ...${name} } }
    }
    fragment ${name} on Query { ${name}: echo }
  `);
    expect(Object.keys(first?.data ?? {})).toEqual([name, "self"]);
    expect({}).not.toHaveProperty("echo");
  },
);

test("no input of the schema contains itself, because compiling a recursive input takes half a minute", () => {
  const text = readFileSync(join(import.meta.dirname, "../../schema.graphql"), "utf8");
  const whole = buildSchema(text);
  const contained = (name: string, within: readonly string[]): string[] => {
    const type = whole.getType(name);
    if (!isInputObjectType(type)) return [];
    if (within.includes(name)) return [[...within, name].join(" > ")];
    return Object.values(type.getFields()).flatMap((field) =>
      contained(getNamedType(field.type).name, [...within, name]),
    );
  };
  const types = Object.values(whole.getTypeMap());
  expect(types.filter(isInputObjectType).length).toBeGreaterThan(50);
  expect(types.flatMap(({ name }) => contained(name, []))).toEqual([]);
});
