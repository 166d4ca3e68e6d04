import {
  GraphQLError,
  Kind,
  OperationTypeNode,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
} from "graphql";

/** Maximum number of root fields of a mutation. */
export const MUTATION_LIMIT = 10;

/**
 * Rejects mutations with more than ten root fields. With aliases, one request could otherwise contain
 * hundreds of password guesses.
 */
export const mutationLimitRule: ValidationRule = (context) => ({
  OperationDefinition: (operation) => {
    if (operation.operation !== OperationTypeNode.MUTATION) return;
    if (countFields(context, operation.selectionSet, new Set()) <= MUTATION_LIMIT) return;
    const message = `A mutation may have at most ${String(MUTATION_LIMIT)} root fields.`;
    context.reportError(new GraphQLError(message, { nodes: operation }));
  },
});

function countFields(context: ValidationContext, set: SelectionSetNode, seen: Set<string>): number {
  let count = 0;
  for (const selection of set.selections) {
    if (selection.kind === Kind.FIELD) count += 1;
    else if (selection.kind === Kind.INLINE_FRAGMENT) {
      count += countFields(context, selection.selectionSet, seen);
    } else if (!seen.has(selection.name.value)) {
      // Counts each fragment once: graphql-js merges equal fields, and a fragment of an invalid document
      // may contain itself.
      seen.add(selection.name.value);
      const fragment = context.getFragment(selection.name.value);
      if (fragment) count += countFields(context, fragment.selectionSet, seen);
    }
  }
  return count;
}
