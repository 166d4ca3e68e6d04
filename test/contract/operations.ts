import fc from "fast-check";
import {
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  getNamedType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
} from "graphql";

export interface Operation {
  kind: "query" | "mutation" | "subscription";
  query: string;
  variables: Record<string, unknown>;
}

const MAX_DEPTH = 6;
/** `logOut` would end the session of all operations. */
const LEFT_OUT = new Set(["logOut"]);
const LOBBY = "00000000-0000-7000-8000-000000000001";
const ID_TYPES = ["Conversation", "User", "Message", "Session", "Upload", "Post", "Nonsense"];
const TEXTS = [
  "",
  "a",
  "lobby",
  "fuzzer",
  " ".repeat(40),
  "%_\\",
  '\'; DROP TABLE "Message"; --',
  "\u0000",
  "\ud800",
  "\u202e𝕏🦜",
  "x".repeat(9_000),
  "@room @here @fuzzer",
  "__proto__",
  "2026-11-21T09:30:00.000Z",
  "-1",
  LOBBY,
];
const NUMBERS = [0, 1, -1, 2, 100, 2_147_483_647, -2_147_483_648, 2_147_483_648, 1e21, 0.5];

/**
 * Generates operations of a schema: fields, arguments and variables by type, mostly valid. Each is
 * derived from a list of numbers, so that failures shrink to smaller operations.
 */
export function operations(schema: GraphQLSchema): fc.Arbitrary<Operation> {
  return fc
    .array(fc.nat({ max: 1_000_000 }), { minLength: 1, maxLength: 150, size: "max" })
    .map((choices) => new Builder(schema, choices).build());
}

class Builder {
  readonly #schema: GraphQLSchema;
  readonly #choices: readonly number[];
  #next = 0;
  #definitions: string[] = [];
  #variables: Record<string, unknown> = {};

  constructor(schema: GraphQLSchema, choices: readonly number[]) {
    this.#schema = schema;
    this.#choices = choices;
  }

  build(): Operation {
    const kind = this.#pick(["query", "query", "mutation", "mutation", "subscription"] as const);
    const root = {
      query: this.#schema.getQueryType(),
      mutation: this.#schema.getMutationType(),
      subscription: this.#schema.getSubscriptionType(),
    }[kind];
    if (!root) throw new Error(`the schema has no ${kind}`);
    const fields = this.#fields(root, 0, kind === "subscription" ? 1 : 2);
    const head = this.#definitions.length === 0 ? "" : ` (${this.#definitions.join(", ")})`;
    return { kind, query: `${kind}${head} ${fields}`, variables: this.#variables };
  }

  /** Returns a number below `below`; 0 after the choices are used up, so that generation ends. */
  #choose(below: number): number {
    const choice = this.#choices[this.#next] ?? 0;
    this.#next += 1;
    return choice % below;
  }

  #pick<T>(from: readonly T[]): T {
    const picked = from[this.#choose(from.length)];
    if (picked === undefined) throw new Error("nothing to pick from");
    return picked;
  }

  #fields(type: GraphQLObjectType, depth: number, most: number): string {
    const all = Object.values(type.getFields()).filter(
      ({ name, type: of }) =>
        !LEFT_OUT.has(name) && (depth < MAX_DEPTH || isLeafType(getNamedType(of))),
    );
    if (all.length === 0) return "{ __typename }";
    const count = 1 + this.#choose(most);
    const lines = Array.from({ length: count }, (_, index) => {
      const field = this.#pick(all);
      // Aliased, because the same field with other arguments would conflict.
      return `f${String(index)}: ${this.#field(field, depth)}`;
    });
    return `{ ${lines.join(" ")} }`;
  }

  #field(field: GraphQLField<unknown, unknown>, depth: number): string {
    const given = field.args.flatMap(({ name, type }) =>
      isNonNullType(type) || this.#choose(2) === 1 ? [`${name}: ${this.#argument(type)}`] : [],
    );
    const head = given.length === 0 ? field.name : `${field.name}(${given.join(", ")})`;
    return `${head}${this.#selection(getNamedType(field.type), depth + 1)}`;
  }

  #selection(type: GraphQLNamedType, depth: number): string {
    if (isLeafType(type)) return "";
    if (isObjectType(type)) return ` ${this.#fields(type, depth, 3)}`;
    if (!isAbstractType(type)) return "";
    const some = this.#pick(this.#schema.getPossibleTypes(type));
    return ` { __typename ... on ${some.name} ${this.#fields(some, depth, 3)} }`;
  }

  #argument(type: GraphQLInputType): string {
    const value = this.#value(type, 0);
    if (this.#choose(4) === 3) return literal(value);
    const name = `v${String(this.#definitions.length)}`;
    this.#definitions.push(`$${name}: ${String(type)}`);
    this.#variables[name] = value;
    return `$${name}`;
  }

  #value(type: GraphQLInputType, depth: number): unknown {
    // Occasionally, the value has a completely different type.
    if (this.#choose(40) === 39) return this.#pick([null, "x", 5, true, [], {}, [[["x"]]]]);
    if (isNonNullType(type)) return this.#value(type.ofType, depth);
    if (isListType(type)) {
      return Array.from({ length: this.#choose(4) }, () => this.#value(type.ofType, depth + 1));
    }
    if (isEnumType(type)) return this.#pick(type.getValues()).name;
    if (isInputObjectType(type)) {
      const fields = Object.values(type.getFields()).filter(
        (field) => isNonNullType(field.type) || (depth < 3 && this.#choose(2) === 1),
      );
      return Object.fromEntries(
        fields.map((field) => [field.name, this.#value(field.type, depth + 1)]),
      );
    }
    switch (type.name) {
      case "Int":
      case "Float":
        return this.#pick(NUMBERS);
      case "Boolean":
        return this.#choose(2) === 1;
      case "ID": {
        const id = this.#pick([LOBBY, LOBBY.replace("1", "2"), "", "x"]);
        return this.#choose(5) === 4
          ? this.#pick(TEXTS)
          : Buffer.from(`${this.#pick(ID_TYPES)}:${id}`).toString("base64");
      }
      case "UUID":
        return this.#pick([LOBBY, "", "x"]);
      case "DateTime":
        return this.#pick([
          "2026-11-21T09:30:00.000Z",
          "9999-12-31T23:59:59Z",
          "-271821-04-20",
          "x",
        ]);
      case "Cursor":
        return this.#pick(["", "x", Buffer.from("0").toString("base64url"), "\u0000"]);
      default:
        return this.#pick(TEXTS);
    }
  }
}

/** Formats a value as a GraphQL literal; enums become strings, which is wrong and therefore useful. */
function literal(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    return `{${Object.entries(value)
      .map(([name, inner]) => `${name}: ${literal(inner)}`)
      .join(", ")}}`;
  }
  return JSON.stringify(value);
}
