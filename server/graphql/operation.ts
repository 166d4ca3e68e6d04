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

/** A document that has been parsed and validated, and what is known of it. */
export interface CompiledDocument {
  document: DocumentNode;
  /** Why it cannot be executed; empty when it can. */
  errors: readonly GraphQLError[];
  /** Whether an answer depends on who is looking. */
  viewerDependent: boolean;
  /** Whether it selects a field marked `needsSnapshot`: all of it must be read from one snapshot. */
  needsSnapshot: boolean;
  /**
   * The variables that shape a stream's answers: all but those that only say where it starts and what
   * it is limited to. Subscriptions that agree in these can share their executions.
   */
  shapingVariables: ReadonlySet<string>;
  /** Why an operation of it is too much with these variables; null when it is not. */
  refusal(operation: OperationDefinitionNode | null, variables: Variables): GraphQLError | null;
}

/** What there is to say of a document that cannot be executed. */
const NOTHING: Omit<CompiledDocument, "document" | "errors"> = {
  viewerDependent: false,
  needsSnapshot: false,
  shapingVariables: new Set(),
  refusal: () => null,
};

const CACHE_SIZE = 1_000;
/** Longest source that is worth remembering, in characters. */
const CACHED_LENGTH = 32_768;
/** Most lexical tokens of a document; deeper nesting than this allows would overflow the stack. */
const TOKEN_LIMIT = 1_000;

export interface CompilerOptions {
  schema: GraphQLSchema;
  /** Whether documents may query the schema's types. */
  introspection: boolean;
  /** Limits of one operation. */
  limits: OperationLimits;
}

/**
 * Compiles documents and remembers the latest, by their text.
 */
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
    // A Map keeps the order of insertion, so its first key is the oldest.
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
      error instanceof GraphQLError ? error : new GraphQLError("The document cannot be read.");
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

/** What is wrong with a document; also what a rule of graphql-js throws instead of reporting it. */
function validateDocument(
  schema: GraphQLSchema,
  document: DocumentNode,
  rules: readonly ValidationRule[],
): readonly GraphQLError[] {
  try {
    return validate(schema, document, rules);
  } catch (error) {
    // "One root field to a subscription" does so where @include or @skip stands there with a variable.
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
        // A field of an interface stands for that field of every type that implements it.
        for (const type of schema.getPossibleTypes(parent)) {
          if (type.getFields()[field?.name ?? ""]?.extensions["viewerDependent"] === true)
            viewerDependent = true;
        }
      },
    }),
  );
  return { viewerDependent, needsSnapshot };
}

/** The one operation that is meant, or null when that is not clear. */
export function operationOf(
  document: DocumentNode,
  name: string | null | undefined,
): OperationDefinitionNode | null {
  return getOperationAST(document, name) ?? null;
}

/** A subscription's single root field, and how it is selected; null where there is none alone. */
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
