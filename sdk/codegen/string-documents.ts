import type { PluginFunction } from "@graphql-codegen/plugin-helpers";
import {
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  print,
  visit,
} from "graphql";

export interface StringDocumentsConfig {
  /** Module from which the generated file imports `TypedDocument`. */
  documentTypeImport: string;
}

/**
 * A code generator plugin that writes each operation as a typed string. Fragments become shared
 * constants: a bundle contains each fragment once, and only for the operations it uses.
 */
export const plugin: PluginFunction<
  StringDocumentsConfig,
  { prepend: string[]; content: string }
> = (_schema, documents, config) => {
  const definitions = documents.flatMap((file) => file.document?.definitions ?? []);
  const fragments = new Map(
    definitions
      .filter((node) => node.kind === Kind.FRAGMENT_DEFINITION)
      .map((node) => [node.name.value, node]),
  );
  const operations = definitions.filter((node) => node.kind === Kind.OPERATION_DEFINITION);
  return {
    prepend: [`import type { TypedDocument } from ${JSON.stringify(config.documentTypeImport)};`],
    content: [
      ...[...fragments.values()].map(printFragment),
      ...operations.map((node) => printOperation(node, fragments)),
    ].join("\n"),
  };
};

function printFragment(node: FragmentDefinitionNode): string {
  return `const ${node.name.value}Text = ${literal(print(node))};`;
}

function printOperation(
  node: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): string {
  const name = node.name?.value;
  if (name === undefined) throw new Error("Every SDK operation needs a name.");
  const type = name + node.operation.charAt(0).toUpperCase() + node.operation.slice(1);
  const parts = [...usedFragments(node, fragments)].map((used) => `\${${used}Text}\n`);
  const text = `\`${parts.join("")}${escape(print(node))}\``;
  return `export const ${name}Document = ${text} as TypedDocument<${type}, ${type}Variables>;\n`;
}

function usedFragments(
  node: OperationDefinitionNode | FragmentDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  found: Set<string> = new Set(),
): Set<string> {
  visit(node, {
    FragmentSpread(spread) {
      const fragment = fragments.get(spread.name.value);
      if (fragment === undefined || found.has(fragment.name.value)) return;
      found.add(fragment.name.value);
      usedFragments(fragment, fragments, found);
    },
  });
  return found;
}

function literal(text: string): string {
  return `\`${escape(text)}\``;
}

function escape(text: string): string {
  return text.replace(/[\\`$]/g, (character) => `\\${character}`);
}
