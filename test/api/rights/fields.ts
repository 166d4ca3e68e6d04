import { randomUUID } from "node:crypto";
import {
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  type GraphQLInputType,
  type GraphQLSchema,
} from "graphql";
import type { Variables } from "../../kit/socket.ts";
import { missingId, NONE } from "./plan.ts";
import { inputTypeOf } from "./words.ts";

/** A field of an input, possibly nested. */
export interface Field {
  mutation: string;
  /** Its path: `marks.conversationId`. */
  path: string[];
  /** Its heading in the table of bad input. */
  section: string;
  isList: boolean;
  /** Its valid values, if they can be listed. */
  values: readonly (string | boolean)[];
}

/** `sendMessage.body` */
export const nameOf = ({ mutation, path }: Field): string => [mutation, ...path].join(".");

const SECTIONS: Readonly<Record<string, string>> = {
  String: "Texts",
  ID: "Ids",
  Int: "Numbers",
  DateTime: "Times",
  Boolean: "Choices",
  UUID: "Client ids",
  Cursor: "Client ids",
};

/** Returns all fields of all inputs of a schema's mutations. */
export function fieldsOf(schema: GraphQLSchema): Field[] {
  const mutations = Object.keys(schema.getMutationType()?.getFields() ?? {});
  return mutations.flatMap((mutation) => {
    const type = schema.getType(inputTypeOf(mutation));
    return isInputObjectType(type) ? fieldsWithin(mutation, type, []) : [];
  });
}

function fieldsWithin(mutation: string, type: GraphQLInputType, above: string[]): Field[] {
  if (!isInputObjectType(type)) return [];
  return Object.values(type.getFields()).flatMap((field): Field[] => {
    const path = [...above, field.name];
    const named = getNamedType(field.type);
    const isList = isListType(isNonNullType(field.type) ? field.type.ofType : field.type);
    const isBoolean = named.name === "Boolean";
    const enumValues = isEnumType(named) ? named.getValues().map(({ name }) => name) : [];
    const values = isBoolean ? [true, false] : enumValues;
    const section = isEnumType(named) ? "Choices" : (SECTIONS[named.name] ?? named.name);
    const own = { mutation, path, section, isList, values };
    if (isInputObjectType(named)) {
      return [{ ...own, section: "Lists" }, ...fieldsWithin(mutation, named, path)];
    }
    return isList ? [{ ...own, section: "Lists" }, own] : [own];
  });
}

/** Ids that are not of the requested kind. */
const MALFORMED: readonly ((kind: string) => string)[] = [
  () => "",
  () => "lobby",
  () => "0197a5c0-0000-7000-8000-000000000000",
  () => Buffer.from("anything").toString("base64"),
  (kind) => missingId(kind, "1"),
  (kind) => missingId(kind, "0197a5c0-0000-7000-8000-000000000000'--"),
  (kind) => missingId(kind, "\u0000"),
  () => missingId("Nothing"),
  (kind) => missingId(kind, "0".repeat(10_000)),
];
const OTHERS = ["User", "Message", "Conversation"];

/** The headings of each section with their test values; `kind` is the expected kind of an id. */
export const PROBES: Readonly<
  Record<string, Readonly<Record<string, (kind: string, value: unknown) => unknown[]>>>
> = {
  Texts: {
    empty: () => [""],
    blank: () => [" \n "],
    "too long": () => ["x".repeat(20_000)],
    NUL: () => ["some-\u0000-words"],
    "half a character": () => ["some-\ud800-words"],
  },
  Ids: {
    malformed: (kind) => MALFORMED.map((make) => make(kind)),
    "of another type": (kind) =>
      OTHERS.filter((other) => other !== kind).map((one) => missingId(one)),
    "of nothing": (kind) => [missingId(kind)],
  },
  Numbers: {
    negative: () => [-1],
    zero: () => [0],
    largest: () => [2_147_483_647],
  },
  Times: {
    past: () => ["2020-01-01T00:00:00.000Z"],
    "in a thousand years": () => ["3020-01-01T00:00:00.000Z"],
  },
  Lists: {
    empty: () => [[]],
    "too many": (kind, value) => [
      Array.from({ length: 1_001 }, () => (kind === NONE ? firstOf(value) : missingId(kind))),
    ],
    "the same twice": (_, value) => [[firstOf(value), firstOf(value)]],
  },
  "Client ids": {
    another: () => [randomUUID()],
  },
};

function firstOf(value: unknown): unknown {
  return Array.isArray(value) ? value[0] : undefined;
}

/** Returns the input with another value at a path; in lists, in the first item. */
export function withValue(input: Variables, path: readonly string[], value: unknown): Variables {
  const [name = "", ...rest] = path;
  if (rest.length === 0) return { ...input, [name]: value };
  const inner = input[name];
  const item = Array.isArray(inner) ? (inner[0] as Variables) : (inner as Variables);
  const changed = withValue(item, rest, value);
  return { ...input, [name]: Array.isArray(inner) ? [changed, ...inner.slice(1)] : changed };
}

/** Returns the value at a path of an input; in lists, of the first item. */
export function valueAt(input: Variables, path: readonly string[]): unknown {
  const [name = "", ...rest] = path;
  const inner = input[name];
  if (rest.length === 0) return inner;
  const item: unknown = Array.isArray(inner) ? inner[0] : inner;
  return typeof item === "object" && item !== null ? valueAt(item as Variables, rest) : undefined;
}
