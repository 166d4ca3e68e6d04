import {
  GraphQLError,
  isAbstractType,
  getNamedType,
  getOperationAST,
  isCompositeType,
  Kind,
  NoSchemaIntrospectionCustomRule,
  parse,
  specifiedRules,
  validate,
  visit,
  visitWithTypeInfo,
  TypeInfo,
  type DocumentNode,
  type FieldNode,
  type GraphQLField,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type ValidationRule,
} from "graphql";
import { costProblem, makeCost, type Cost, type Variables } from "./cost.ts";
import { extentRule, type OperationLimits } from "./limits.ts";
import { mutationLimitRule } from "./mutation-limit.ts";
import { withCode } from "./redact.ts";

/** A parsed and validated document and its properties. */
export interface CompiledDocument {
  document: DocumentNode;
  /** The reasons why it cannot be executed; empty if it can. */
  errors: readonly GraphQLError[];
  /** Whether a result depends on the viewer. */
  viewerDependent: boolean;
  /** Whether it selects a field marked `needsSnapshot`: the whole operation must read one snapshot. */
  needsSnapshot: boolean;
  /**
   * The variables that affect a stream's results: all except those that only set its start and filters.
   * Subscriptions with equal shaping variables can share executions.
   */
  shapingVariables: ReadonlySet<string>;
  /** Returns why an operation with these variables is too costly; null if it is not. */
  refusal(operation: OperationDefinitionNode | null, variables: Variables): GraphQLError | null;
}

/** The properties of a document that cannot be executed. */
const NOTHING: Omit<CompiledDocument, "document" | "errors"> = {
  viewerDependent: false,
  needsSnapshot: false,
  shapingVariables: new Set(),
  refusal: () => null,
};

const CACHE_SIZE = 1_000;
/** Maximum length of a cached source, in characters. */
const CACHED_LENGTH = 32_768;
/** Maximum number of lexical tokens of a document; deeper nesting would overflow the stack. */
const TOKEN_LIMIT = 1_000;

export interface CompilerOptions {
  schema: GraphQLSchema;
  /** Whether documents may query the schema's types. */
  introspection: boolean;
  limits: OperationLimits;
}

/** Creates a compiler that caches the most recent documents by their text. */
export function makeCompiler({
  schema,
  introspection,
  limits,
}: CompilerOptions): (source: string) => CompiledDocument {
  const rules = [
    ...specifiedRules,
    mutationLimitRule,
    extentRule(limits),
    ...(introspection ? [] : [NoSchemaIntrospectionCustomRule]),
  ];
  const cache = new Map<string, CompiledDocument>();
  return (source) => {
    const cached = cache.get(source);
    if (cached !== undefined) return cached;
    const compiled = compile(schema, source, rules, limits);
    if (source.length > CACHED_LENGTH) return compiled;
    // A Map keeps insertion order, so its first key is the oldest.
    const oldest = cache.keys().next();
    if (cache.size >= CACHE_SIZE && oldest.done !== true) cache.delete(oldest.value);
    cache.set(source, compiled);
    return compiled;
  };
}

function compile(
  schema: GraphQLSchema,
  source: string,
  rules: readonly ValidationRule[],
  limits: OperationLimits,
): CompiledDocument {
  let document: DocumentNode;
  try {
    document = parse(source, { maxTokens: TOKEN_LIMIT });
  } catch (error) {
    const problem =
      error instanceof GraphQLError ? error : new GraphQLError("The document cannot be parsed.");
    return {
      document: { kind: Kind.DOCUMENT, definitions: [] },
      errors: [withCode(problem, "GRAPHQL_PARSE_FAILED")],
      ...NOTHING,
    };
  }
  const errors = validateDocument(schema, document, rules).map((error) =>
    withCode(error, "GRAPHQL_VALIDATION_FAILED"),
  );
  if (errors.length > 0) return { document, errors, ...NOTHING };
  return {
    document,
    errors,
    ...analyse(schema, document),
    shapingVariables: shapingVariables(document),
    refusal: makeRefusal({ schema, document, limits }),
  };
}

interface RefusalOptions {
  schema: GraphQLSchema;
  document: DocumentNode;
  limits: OperationLimits;
}

function makeRefusal({ schema, document, limits }: RefusalOptions): CompiledDocument["refusal"] {
  const costs = new Map<OperationDefinitionNode, Cost>();
  return (operation, variables) => {
    if (operation === null) return null;
    let cost = costs.get(operation);
    if (cost === undefined) {
      cost = makeCost({ schema, document, operation, pageSize: limits.pageSize });
      costs.set(operation, cost);
    }
    return costProblem(cost, variables, limits);
  };
}

/** Validates a document. Also returns an error that a rule of graphql-js throws instead of reporting. */
function validateDocument(
  schema: GraphQLSchema,
  document: DocumentNode,
  rules: readonly ValidationRule[],
): readonly GraphQLError[] {
  try {
    return validate(schema, document, rules);
  } catch (error) {
    // "One root field to a subscription" throws if that field has @include or @skip with a variable.
    if (error instanceof GraphQLError) return [error];
    throw error;
  }
}

function analyse(
  schema: GraphQLSchema,
  document: DocumentNode,
): { viewerDependent: boolean; needsSnapshot: boolean } {
  let viewerDependent = false;
  let needsSnapshot = false;
  const typeInfo = new TypeInfo(schema);
  visit(
    document,
    visitWithTypeInfo(typeInfo, {
      Field: () => {
        const field = typeInfo.getFieldDef();
        const parent = typeInfo.getParentType();
        if (field?.extensions["needsSnapshot"] === true) needsSnapshot = true;
        if (field?.extensions["viewerDependent"] === true) viewerDependent = true;
        if (parent === null || parent === undefined || !isAbstractType(parent)) return;
        // A field of an interface represents that field in every type that implements it.
        for (const type of schema.getPossibleTypes(parent)) {
          if (type.getFields()[field?.name ?? ""]?.extensions["viewerDependent"] === true)
            viewerDependent = true;
        }
      },
    }),
  );
  return { viewerDependent, needsSnapshot };
}

/** Returns the selected operation, or null if the selection is ambiguous. */
export function operationOf(
  document: DocumentNode,
  name: string | null | undefined,
): OperationDefinitionNode | null {
  return getOperationAST(document, name) ?? null;
}

/** Returns the single root field of a subscription and its selection; null if there is none. */
export function rootOf(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
): { field: GraphQLField<unknown, unknown>; selection: FieldNode } | null {
  const [selection] = operation.selectionSet.selections;
  if (operation.selectionSet.selections.length !== 1 || selection?.kind !== Kind.FIELD) return null;
  const field = schema.getSubscriptionType()?.getFields()[selection.name.value];
  return field !== undefined && isCompositeType(getNamedType(field.type))
    ? { field, selection }
    : null;
}

function shapingVariables(document: DocumentNode): Set<string> {
  const names = new Set<string>();
  visit(document, {
    OperationDefinition: (operation) => {
      const [root] = operation.selectionSet.selections;
      for (const part of root?.kind === Kind.FIELD
        ? [root.selectionSet, ...(root.directives ?? [])]
        : [root]) {
        if (part !== undefined) visit(part, { Variable: ({ name }) => void names.add(name.value) });
      }
      return false;
    },
    FragmentDefinition: (fragment) => {
      visit(fragment, { Variable: ({ name }) => void names.add(name.value) });
      return false;
    },
  });
  return names;
}
