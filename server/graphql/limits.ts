import {
  GraphQLError,
  Kind,
  type DocumentNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValidationRule,
} from "graphql";

export interface OperationLimits {
  /** Maximum nesting of fields. */
  depth: number;
  /** Maximum number of aliased fields; fragments count wherever they are used. */
  aliases: number;
  /** Maximum number of fields in the response, as `makeCost` estimates it. */
  cost: number;
  /** Maximum page size of a list. */
  pageSize: number;
}

/**
 * Maximum number of selections of an operation; fragments count wherever they are used. It bounds every
 * walk through an operation, such as compilation. A document without fragments cannot reach it.
 */
const MAX_SELECTIONS = 5_000;

/** Depth, aliases and selections of an operation, including fragments. */
interface Extent {
  depth: number;
  aliases: number;
  selections: number;
}

const NOTHING: Extent = { depth: 0, aliases: 0, selections: 0 };

/**
 * Rejects operations that are too deep or have too many aliases or selections. With aliases, one request
 * can repeat a query many times. With fragments that use each other twice, a short document can be
 * exponentially large. Each fragment is measured once, so measuring is linear in the length of the
 * document.
 */
export function extentRule(limits: OperationLimits): ValidationRule {
  return (context) => {
    const measure = makeMeasure(context.getDocument());
    return {
      OperationDefinition: (operation) => {
        const { depth, aliases, selections } = measure(operation);
        if (depth > limits.depth) {
          const message = `An operation may be at most ${String(limits.depth)} fields deep.`;
          context.reportError(refusal(message, "TOO_DEEP", operation));
        }
        if (aliases > limits.aliases) {
          const message = `An operation may have at most ${String(limits.aliases)} aliases.`;
          context.reportError(refusal(message, "TOO_MANY_ALIASES", operation));
        } else if (selections > MAX_SELECTIONS) {
          const message = `An operation may have at most ${String(MAX_SELECTIONS)} selections, including fragments.`;
          context.reportError(refusal(message, "TOO_MANY_SELECTIONS", operation));
        }
      },
    };
  };
}

function refusal(message: string, code: string, nodes: OperationDefinitionNode): GraphQLError {
  return new GraphQLError(message, { nodes, extensions: { code } });
}

function makeMeasure(document: DocumentNode): (operation: OperationDefinitionNode) => Extent {
  const fragments = fragmentsOf(document);
  const measured = new Map<string, Extent>();

  const ofFragment = (name: string): Extent => {
    const known = measured.get(name);
    if (known !== undefined) return known;
    // Also stops at a fragment that contains itself; another rule reports it.
    measured.set(name, NOTHING);
    const fragment = fragments.get(name);
    const extent = fragment === undefined ? NOTHING : ofSet(fragment.selectionSet);
    measured.set(name, extent);
    return extent;
  };

  const ofSet = (set: SelectionSetNode): Extent => {
    let depth = 0;
    let aliases = 0;
    let selections = set.selections.length;
    for (const selection of set.selections) {
      let inner = NOTHING;
      if (selection.kind === Kind.FRAGMENT_SPREAD) inner = ofFragment(selection.name.value);
      else if (selection.selectionSet !== undefined) inner = ofSet(selection.selectionSet);
      const isField = selection.kind === Kind.FIELD;
      depth = Math.max(depth, inner.depth + (isField ? 1 : 0));
      aliases += inner.aliases;
      selections += inner.selections;
      if (isField && selection.alias !== undefined) aliases += 1;
    }
    return { depth, aliases, selections };
  };

  return ({ selectionSet }) => ofSet(selectionSet);
}

/** Indexes the fragments of a document by name. */
export function fragmentsOf(document: DocumentNode): Map<string, FragmentDefinitionNode> {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION)
      fragments.set(definition.name.value, definition);
  }
  return fragments;
}
