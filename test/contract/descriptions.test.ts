import {
  astFromValue,
  buildClientSchema,
  getIntrospectionQuery,
  OperationTypeNode,
  getNamedType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedScalarType,
  Kind,
  parse,
  parseValue,
  print,
  TypeInfo,
  validate,
  valueFromAST,
  visit,
  visitWithTypeInfo,
  type DocumentNode,
  type GraphQLError,
  type GraphQLNamedType,
  type GraphQLSchema,
  type IntrospectionQuery,
} from "graphql";
import { beforeAll, describe, expect, test } from "vitest";
import { createDatabase } from "../kit/database.ts";
import { client } from "../kit/client.ts";
import { seedOn, type Actor } from "../kit/seed.ts";
import { connect } from "../kit/socket.ts";
import { startServer, type TestServer } from "../kit/server.ts";

let server: TestServer;
let schema: GraphQLSchema;
let ada: Actor;

beforeAll(async () => {
  server = await startServer({ databaseUrl: (await createDatabase()).url });
  schema = buildClientSchema(
    await client(server).query<IntrospectionQuery>(getIntrospectionQuery()),
  );
  ada = seedOn(server).user("ada");
  await ada.signsUp();
});

/** A part of the schema: its location, its type and its description. */
interface Part {
  at: string;
  type: GraphQLNamedType;
  description: string | null | undefined;
}

function parts(): Part[] {
  return Object.values(schema.getTypeMap())
    .filter((type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type))
    .flatMap((type) => partsOf(type));
}

function partsOf(type: GraphQLNamedType): Part[] {
  const found: Part[] = [{ at: type.name, type, description: type.description }];
  const add = (at: string, description: string | null | undefined): void => {
    found.push({ at: `${type.name}.${at}`, type, description });
  };
  if (isEnumType(type)) {
    for (const value of type.getValues()) add(value.name, value.description);
  } else if (isInputObjectType(type)) {
    for (const field of Object.values(type.getFields())) add(field.name, field.description);
  } else if (isObjectType(type) || isInterfaceType(type)) {
    for (const field of Object.values(type.getFields())) {
      add(field.name, field.description);
      for (const arg of field.args) add(`${field.name}(${arg.name}:)`, arg.description);
    }
  }
  return found;
}

test("every type, field, argument, value and input has a description in words", () => {
  const all = parts();
  expect(all.length).toBeGreaterThan(200);
  const silent = all.filter(({ description }) => (description ?? "").trim().length < 4);
  expect(silent.map(({ at }) => at)).toEqual([]);
  const unfinished = all.filter(({ description }) => !/[.!?`:)]$/.test((description ?? "").trim()));
  expect(unfinished.map(({ at }) => at)).toEqual([]);
});

/** The kind of example in a code span of a description. */
type Example =
  | { at: string; kind: "operation"; document: DocumentNode }
  | { at: string; kind: "input"; text: string; type: GraphQLNamedType }
  | { at: string; kind: "argument"; field: string; argument: string };

const ARGUMENT = /^(\w+)\((\w+):\)$/;

/**
 * Reads a code span. Examples are whole operations; selections of fields (`field(arg: 1) { … }`) of the
 * described type or a root type; literals of the described input type (`{ name: "x" }`); and mentions of
 * an argument (`field(arg:)`). Any other text with brackets is a mistake. Single words are names and
 * values in prose.
 */
function read(at: string, type: GraphQLNamedType, span: string): Example | null {
  if (/^[\w.:@ …/=-]+$/.test(span)) return null;
  const mention = ARGUMENT.exec(span);
  if (mention) {
    return { at, kind: "argument", field: mention[1] ?? "", argument: mention[2] ?? "" };
  }
  if (isInputObjectType(type) && span.startsWith("{"))
    return { at, kind: "input", text: span, type };
  if (/^(?:query|mutation|subscription)\b|^\{/.test(span)) {
    return { at, kind: "operation", document: parse(span) };
  }
  if (/^\w+\s*[({]/.test(span)) return { at, kind: "operation", document: selectionOf(type, span) };
  return null;
}

/** Returns a selection of fields as an operation, or as a fragment if no root type has its first field. */
function selectionOf(type: GraphQLNamedType, span: string): DocumentNode {
  const name = /^\w+/.exec(span)?.[0] ?? "";
  const roots = [
    ["query", schema.getQueryType()],
    ["mutation", schema.getMutationType()],
    ["subscription", schema.getSubscriptionType()],
  ] as const;
  const root = roots.find(([, rootType]) => rootType?.getFields()[name] !== undefined);
  const inOwn =
    (isObjectType(type) || isInterfaceType(type)) && type.getFields()[name] !== undefined;
  const document =
    root !== undefined && !inOwn
      ? parse(`${root[0]} { ${span} }`)
      : root?.[1] === type
        ? parse(`${root[0]} { ${span} }`)
        : parse(`fragment Example on ${type.name} { ${span} }`);
  return completed(document);
}

/** Adds a selection to each field that needs one but has none in the example. */
function completed(document: DocumentNode): DocumentNode {
  const info = new TypeInfo(schema);
  return visit(
    document,
    visitWithTypeInfo(info, {
      Field: (node) => {
        const type = info.getType();
        if (!type || node.selectionSet || !isCompositeType(getNamedType(type))) return undefined;
        const selection = {
          kind: Kind.FIELD,
          name: { kind: Kind.NAME, value: "__typename" },
        } as const;
        return { ...node, selectionSet: { kind: Kind.SELECTION_SET, selections: [selection] } };
      },
    }),
  );
}

function examples(): { found: Example[]; broken: string[] } {
  const found: Example[] = [];
  const broken: string[] = [];
  for (const { at, type, description } of parts()) {
    for (const [, span = ""] of (description ?? "").matchAll(/`([^`]+)`/g)) {
      try {
        const example = read(at, type, span.trim());
        if (example) found.push(example);
      } catch (error) {
        broken.push(`${at}: ${span}: ${String(error)}`);
      }
    }
  }
  return { found, broken };
}

describe("examples in descriptions", () => {
  test("exist and can be parsed", () => {
    const { found, broken } = examples();
    expect(broken).toEqual([]);
    const count = (kind: string): number => found.filter((example) => example.kind === kind).length;
    expect(count("operation")).toBeGreaterThanOrEqual(6);
    expect(count("input")).toBeGreaterThanOrEqual(3);
    expect(count("argument")).toBeGreaterThanOrEqual(2);
  });

  test("of inputs match their types", () => {
    for (const example of examples().found) {
      if (example.kind !== "input" || !isInputObjectType(example.type)) continue;
      const value: unknown = valueFromAST(parseValue(example.text), example.type);
      expect(value, `${example.at}: ${example.text}`).toBeDefined();
      expect(astFromValue(value, example.type)).not.toBeNull();
    }
  });

  test("of arguments name existing arguments", () => {
    const all = Object.values(schema.getTypeMap()).flatMap((type) =>
      isObjectType(type) || isInterfaceType(type) ? Object.values(type.getFields()) : [],
    );
    for (const example of examples().found) {
      if (example.kind !== "argument") continue;
      const named = all.filter(({ name }) => name === example.field);
      const has = named.some(({ args }) => args.some(({ name }) => name === example.argument));
      expect(has, `${example.at}: ${example.field}(${example.argument}:)`).toBe(true);
    }
  });

  test("of operations are valid and run on the server", async () => {
    const socket = await connect(server, { token: (await ada.signsUp()).token });
    for (const example of examples().found) {
      if (example.kind !== "operation") continue;
      const text = print(example.document);
      const errors = validate(schema, example.document).filter(isMistake);
      expect(
        errors.map(({ message }) => message),
        `${example.at}: ${text}`,
      ).toEqual([]);
      const [definition] = example.document.definitions;
      if (definition?.kind !== Kind.OPERATION_DEFINITION) continue;
      if (definition.operation === OperationTypeNode.SUBSCRIPTION) {
        const stream = socket.subscribe(text);
        await stream.next();
        stream.complete();
      } else {
        const answer = await (await ada.client()).send(text);
        expect(answer.errors, `${example.at}: ${text}`).toEqual([]);
      }
    }
    await socket.close();
  });
});

/** An unused fragment is no mistake in an example. */
function isMistake(error: GraphQLError): boolean {
  return !/Fragment "Example" is never used/.test(error.message);
}
