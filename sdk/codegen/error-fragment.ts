import { type GraphQLOutputType, type GraphQLSchema, getNamedType, isObjectType } from "graphql";
import { errorTypes, ownFields } from "./error-classes.ts";

/**
 * Generates the fragment `ErrorFields`, which selects every field of every typed error. A new error
 * in the schema therefore reaches SDK users with all its fields.
 */
export function errorFragment(schema: GraphQLSchema): string {
  const details = errorTypes(schema).flatMap((type) => {
    const fields = ownFields(type);
    if (fields.length === 0) return [];
    const selections = fields.map(([name, fieldType]) => selection(name, fieldType));
    return [`  ... on ${type.name} { ${selections.join(" ")} }`];
  });
  return `fragment ErrorFields on Error {\n  __typename code message\n${details.join("\n")}\n}`;
}

function selection(name: string, type: GraphQLOutputType): string {
  const named = getNamedType(type);
  if (!isObjectType(named)) return name;
  const fields = Object.values(named.getFields());
  return `${name} { ${fields.map((field) => selection(field.name, field.type)).join(" ")} }`;
}
