import type { PluginFunction } from "@graphql-codegen/plugin-helpers";
import {
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
} from "graphql";

export interface ErrorClassesConfig {
  /** Module from which the generated file imports `TypedError`. */
  baseImport: string;
}

/** A code generator plugin that writes one class per type that implements `Error`. */
export const plugin: PluginFunction<ErrorClassesConfig, { prepend: string[]; content: string }> = (
  schema,
  _documents,
  config,
) => {
  const types = errorTypes(schema);
  const details = new Set(types.flatMap(detailTypes));
  return {
    prepend: [
      `import { TypedError, type TypedErrorData } from ${JSON.stringify(config.baseImport)};`,
    ],
    content: [
      ...[...details].map(printDetail),
      ...types.map(printClass),
      `/** Error classes by type name in the schema. */`,
      `export const errorClasses = {\n${types.map((type) => `  ${type.name},\n`).join("")}};`,
    ].join("\n"),
  };
};

/** The schema's types that implement `Error`, in alphabetical order. */
export function errorTypes(schema: GraphQLSchema): GraphQLObjectType[] {
  const error = schema.getType("Error");
  if (!isInterfaceType(error)) throw new Error("The schema has no interface named Error.");
  return [...schema.getPossibleTypes(error)].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The fields of an error type, except `code` and `message`. */
export function ownFields(type: GraphQLObjectType): [name: string, type: GraphQLOutputType][] {
  return Object.values(type.getFields())
    .filter((field) => field.name !== "code" && field.name !== "message")
    .map((field) => [field.name, field.type]);
}

function detailTypes(type: GraphQLObjectType): GraphQLObjectType[] {
  return ownFields(type).flatMap(([, fieldType]) => {
    const named = getNamedType(fieldType);
    return isObjectType(named) ? [named] : [];
  });
}

function printDetail(type: GraphQLObjectType): string {
  const fields = Object.values(type.getFields()).map(
    (field) =>
      `${comment(field.description, "  ")}  readonly ${field.name}: ${typescript(field.type)};\n`,
  );
  return `${comment(type.description)}export interface ${type.name} {\n${fields.join("")}}\n`;
}

function printClass(type: GraphQLObjectType): string {
  const fields = ownFields(type);
  const declared = fields.map(
    ([name, fieldType]) =>
      `${comment(type.getFields()[name]?.description, "  ")}  declare readonly ${name}: ${typescript(fieldType)};\n`,
  );
  return [
    `${comment(type.description)}export class ${type.name} extends TypedError {`,
    `${declared.join("")}  constructor(data: TypedErrorData) {`,
    `    super(${JSON.stringify(type.name)}, data);`,
    `  }`,
    `}\n`,
  ].join("\n");
}

function comment(description: string | null | undefined, indent = ""): string {
  if (description === null || description === undefined || description === "") return "";
  const text = description.replaceAll("*/", "* /").split("\n").join(`\n${indent} * `);
  return `${indent}/** ${text} */\n`;
}

function typescript(type: GraphQLOutputType): string {
  if (isNonNullType(type)) return bare(type.ofType);
  return `${bare(type)} | null`;
}

function bare(type: GraphQLOutputType): string {
  if (isNonNullType(type)) return bare(type.ofType);
  if (isListType(type)) return `ReadonlyArray<${typescript(type.ofType)}>`;
  const scalars: Record<string, string> = { Int: "number", Float: "number", Boolean: "boolean" };
  return isObjectType(type) ? type.name : (scalars[type.name] ?? "string");
}
