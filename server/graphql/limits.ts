import {
  GraphQLError,
  Kind,
  type DocumentNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValidationRule,
} from "graphql";

/** What one operation may ask for. */
export interface OperationLimits {
  /** Fields within one another. */
  depth: number;
  /** Fields under another name than their own, fragments counted wherever they are used. */
  aliases: number;
  /** Fields of the answer, as `costOf` estimates them. */
  cost: number;
  /** Largest page that a list gives. */
  pageSize: number;
}

/**
 * Most selections of an operation, fragments counted wherever they are used: whatever walks through an
 * operation, such as what makes code of it, may go that way. A document without fragments cannot have as many.
 */
const MAX_SELECTIONS = 5_000;

/** How deep selections go, how many aliases they have and how many there are, fragments included. */
interface Extent {
  depth: number;
  aliases: number;
  selections: number;
}

const NOTHING: Extent = { depth: 0, aliases: 0, selections: 0 };

/**
 * Refuses operations that are too deep, have too many aliases or select too often: with aliases one request
 * asks the same question any number of times, with fragments that use one another twice a short one is
 * endless. Fragments are measured once each, so that such cost no more to measure than to write.
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
          const message = `An operation may select at most ${String(MAX_SELECTIONS)} times, fragments included.`;
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
    // Also ends a fragment that contains itself, which another rule reports.
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

/** The fragments of a document by their names. */
export function fragmentsOf(document: DocumentNode): Map<string, FragmentDefinitionNode> {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION)
      fragments.set(definition.name.value, definition);
  }
  return fragments;
}
