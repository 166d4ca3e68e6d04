import {
  GraphQLError,
  isCompositeType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  getNamedType,
  Kind,
  type ArgumentNode,
  type DocumentNode,
  type FieldNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValueNode,
} from "graphql";
import { fragmentsOf, type OperationLimits } from "./limits.ts";

export type Variables = Readonly<Record<string, unknown>>;

/** Returns the cost of an operation with these variables. */
export type Cost = (variables: Variables) => number;

/** Assumed size of a list without pages; such lists are short, as reactions are. */
const LIST_SIZE = 5;
/** Page size if the operation gives none. */
const DEFAULT_PAGE = 20;
/** The cost of a full introspection query; graphql-js itself limits the nesting of its types. */
const INTROSPECTION_COST = 1_000;

/** A constant, and terms that depend on sizes in the variables. */
interface Sum {
  fixed: number;
  parts: { size: Size; sum: Sum }[];
}
type Size = number | ((variables: Variables) => number);

export interface CostOptions {
  schema: GraphQLSchema;
  document: DocumentNode;
  operation: OperationDefinitionNode;
  /** Maximum page size; the server reduces a larger request to it. */
  pageSize: number;
}

/**
 * Creates the cost function of an operation. Each field of the response costs one; fields of a list count
 * once per item of the page. A fragment is measured once, however often it is used.
 */
export function makeCost({ schema, document, operation, pageSize }: CostOptions): Cost {
  const fragments = fragmentsOf(document);
  const sums = new Map<string, Sum>();
  const defaults = new Map<string, ValueNode | undefined>(
    (operation.variableDefinitions ?? []).map(({ variable, defaultValue }) => [
      variable.name.value,
      defaultValue,
    ]),
  );

  const ofSet = (set: SelectionSetNode, parent: GraphQLNamedType | undefined): Sum => {
    const sum: Sum = { fixed: 0, parts: [] };
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) addField(sum, selection, parent);
      else if (selection.kind === Kind.INLINE_FRAGMENT) {
        const name = selection.typeCondition?.name.value;
        const type = name === undefined ? parent : schema.getType(name);
        add(sum, 1, ofSet(selection.selectionSet, type));
      } else add(sum, 1, ofFragment(selection.name.value));
    }
    return sum;
  };

  const ofFragment = (name: string): Sum => {
    const known = sums.get(name);
    if (known !== undefined) return known;
    const fragment = fragments.get(name);
    const sum =
      fragment === undefined
        ? { fixed: 0, parts: [] }
        : ofSet(fragment.selectionSet, schema.getType(fragment.typeCondition.name.value));
    sums.set(name, sum);
    return sum;
  };

  const addField = (sum: Sum, node: FieldNode, parent: GraphQLNamedType | undefined): void => {
    const name = node.name.value;
    if (name === "__typename") return;
    if (name.startsWith("__")) {
      sum.fixed += INTROSPECTION_COST;
      return;
    }
    sum.fixed += 1;
    const field =
      isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name] : undefined;
    if (field === undefined || node.selectionSet === undefined) return;
    const type = getNamedType(field.type);
    if (isCompositeType(type)) add(sum, sizeOf(node, field), ofSet(node.selectionSet, type));
  };

  const sizeOf = (node: FieldNode, field: GraphQLField<unknown, unknown>): Size => {
    const given = (name: string): ArgumentNode | undefined =>
      node.arguments?.find((argument) => argument.name.value === name);
    if (field.args.some(({ name }) => name === "first" || name === "last")) {
      const sizes = [given("first"), given("last")].flatMap((argument) =>
        argument === undefined ? [] : [valueOf(argument.value)],
      );
      return bySize(sizes, (values) => pageOf(values, pageSize));
    }
    if (!isListType(isNonNullType(field.type) ? field.type.ofType : field.type)) return 1;
    // The connection field already multiplied by the page size.
    if (field.name === "edges") return 1;
    const listed = field.args
      .filter(({ type }) => isListType(isNonNullType(type) ? type.ofType : type))
      .flatMap(({ name }) => {
        const argument = given(name);
        return argument === undefined ? [] : [valueOf(argument.value)];
      });
    if (listed.length === 0) return LIST_SIZE;
    return bySize(listed, (values) =>
      Math.max(...values.map((value) => (Array.isArray(value) ? value.length : LIST_SIZE))),
    );
  };

  const valueOf = (node: ValueNode): unknown => {
    if (node.kind === Kind.INT) return Number(node.value);
    if (node.kind === Kind.LIST) return node.values;
    if (node.kind !== Kind.VARIABLE) return null;
    const { value: name } = node.name;
    const fallback = defaults.get(name);
    const byDefault = fallback === undefined ? null : valueOf(fallback);
    return (variables: Variables) => (variables[name] === undefined ? byDefault : variables[name]);
  };

  const sum = ofSet(operation.selectionSet, schema.getRootType(operation.operation) ?? undefined);
  if (sum.parts.length === 0) return () => sum.fixed;
  return (variables) => evaluate(sum, variables, new Map());
}

/**
 * Checks the cost of an operation with these variables.
 *
 * @returns the error, or null if the operation may run
 */
export function costProblem(
  cost: Cost,
  variables: Variables,
  limits: OperationLimits,
): GraphQLError | null {
  const estimate = cost(variables);
  if (estimate <= limits.cost) return null;
  const message = `This operation may return ${String(estimate)} fields; the limit is ${String(limits.cost)}. Request smaller pages.`;
  const extensions = { code: "TOO_COSTLY", cost: estimate, maxCost: limits.cost };
  return new GraphQLError(message, { extensions });
}

function add(sum: Sum, size: Size, inner: Sum): void {
  if (inner.parts.length === 0 && typeof size === "number") sum.fixed += size * inner.fixed;
  else sum.parts.push({ size, sum: inner });
}

function evaluate(sum: Sum, variables: Variables, known: Map<Sum, number>): number {
  const before = known.get(sum);
  if (before !== undefined) return before;
  let total = sum.fixed;
  for (const { size, sum: inner } of sum.parts) {
    const times = typeof size === "number" ? size : size(variables);
    total += times * evaluate(inner, variables, known);
  }
  known.set(sum, total);
  return total;
}

/** Returns a constant size if none of the values is a variable. */
function bySize(values: readonly unknown[], size: (values: readonly unknown[]) => number): Size {
  if (!values.some((value) => typeof value === "function")) return size(values);
  return (variables) =>
    size(
      values.map((value) =>
        typeof value === "function" ? (value as (given: Variables) => unknown)(variables) : value,
      ),
    );
}

function pageOf(sizes: readonly unknown[], largest: number): number {
  const numbers = sizes.filter((size) => typeof size === "number" && size >= 0) as number[];
  return Math.min(Math.max(...(numbers.length === 0 ? [DEFAULT_PAGE] : numbers)), largest);
}
