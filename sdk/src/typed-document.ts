/** An operation's text that knows, for the type checker only, its result and its variables. */
export type TypedDocument<Result, Variables> = string & DocumentTypes<Result, Variables>;

/**
 * How a document carries its types: the same marker as `TypedDocumentNode` and
 * `TypedDocumentString` of other tools, so that their documents are accepted as they are.
 */
export interface DocumentTypes<Result, Variables> {
  __apiType?: (variables: Variables) => Result;
}

/**
 * Any typed document: this SDK's strings, an object whose `toString()` is the text, or a syntax
 * tree (a `TypedDocumentNode`), for which a {@link PrintDocument} must be given.
 */
export type AnyDocument<Result, Variables> = (string | object) & DocumentTypes<Result, Variables>;

/** Turns a syntax tree into text; `print` of the `graphql` package is one. */
export type PrintDocument = (document: never) => string;

/**
 * The text of a document.
 *
 * @throws TypeError for a syntax tree without `print`.
 */
export function documentText(
  document: string | { toString(): string },
  print?: PrintDocument,
): string {
  if (typeof document === "string") return document;
  if (!("kind" in document && "definitions" in document)) return document.toString();
  if (print !== undefined) return print(document as never);
  throw new TypeError("This document is a syntax tree: pass `print` of the graphql package.");
}
