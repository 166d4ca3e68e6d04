import {
  GraphQLError,
  Kind,
  OperationTypeNode,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
} from "graphql";

/** Most fields at the root of one mutation. */
export const MUTATION_LIMIT = 10;

/**
 * Refuses mutations with more than ten root fields: with aliases, one request could otherwise hold
 * hundreds of guesses at a password.
 */
export const mutationLimitRule: ValidationRule = (context) => ({
  OperationDefinition: (operation) => {
    if (operation.operation !== OperationTypeNode.MUTATION) return;
    if (countFields(context, operation.selectionSet, new Set()) <= MUTATION_LIMIT) return;
    const message = `A mutation may have at most ${String(MUTATION_LIMIT)} fields at its root.`;
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
      // Each once: graphql-js merges the same fields, and a fragment may name itself in a bad document.
      seen.add(selection.name.value);
      const fragment = context.getFragment(selection.name.value);
      if (fragment) count += countFields(context, fragment.selectionSet, seen);
    }
  }
  return count;
}
