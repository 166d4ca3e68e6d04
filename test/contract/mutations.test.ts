import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { buildSchema, isObjectType, isUnionType, type GraphQLField } from "graphql";
import { describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");
const schema = buildSchema(readFileSync(join(root, "schema.graphql"), "utf8"));
const fields = Object.values(schema.getMutationType()?.getFields() ?? {});

/** Mutations that need no session. */
const PUBLIC = ["logIn", "signUp"];

/** Returns the names of the types that a mutation can return. */
function resultsOf(field: GraphQLField<unknown, unknown>): string[] {
  const type = schema.getType(String(field.type).replace("!", ""));
  if (!isUnionType(type)) throw new Error(`${field.name} returns no union`);
  return type.getTypes().map(({ name }) => name);
}

const typeNameOf = (name: string): string => name.slice(0, 1).toUpperCase() + name.slice(1);

describe("mutations", () => {
  test("are found", () => {
    expect(fields.length).toBeGreaterThan(50);
  });

  test.for(fields)(
    "$name takes one input and returns a union of its payload and errors",
    (field) => {
      const name = typeNameOf(field.name);
      expect(String(field.type)).toBe(`${name}Result!`);
      const args = field.args.map((arg) => `${arg.name}: ${String(arg.type)}`);
      expect(args).toEqual(field.name === "logOut" ? [] : [`input: ${name}Input!`]);
      const [payload, ...rest] = resultsOf(field).filter((type) => !isError(type));
      expect([payload, rest]).toEqual([`${name}Payload`, []]);
    },
  );

  test.for(fields)("$name returns NotAuthenticatedError unless it is public", (field) => {
    const needsSession = resultsOf(field).includes("NotAuthenticatedError");
    expect(needsSession).toBe(!PUBLIC.includes(field.name));
  });

  test("are defined with the helper only", () => {
    const domain = join(root, "server/domain");
    const files = readdirSync(domain, { recursive: true, encoding: "utf8" }).filter((file) =>
      file.endsWith(".schema.ts"),
    );
    const texts = files.map((file) => [file, readFileSync(join(domain, file), "utf8")] as const);
    const direct = texts.filter(([, text]) =>
      /builder\s*[.]mutation(Field|Fields|Type)\b/.test(text),
    );
    expect(direct.map(([file]) => file)).toEqual([]);
    const names = texts.flatMap(([, text]) =>
      [...text.matchAll(/^mutation\(\{\n {2}name: "(\w+)",$/gm)].map(([, name]) => name),
    );
    expect(names.sort()).toEqual(fields.map(({ name }) => name).sort());
  });
});

function isError(name: string): boolean {
  const type = schema.getType(name);
  return isObjectType(type) && type.getInterfaces().some((one) => one.name === "Error");
}
