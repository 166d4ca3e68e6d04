/** An operation's text. The type carries its result and variables, for the type checker only. */
export type TypedDocument<Result, Variables> = string & DocumentTypes<Result, Variables>;

/**
 * The type marker of a document. It equals the marker of `TypedDocumentNode` and
 * `TypedDocumentString`, so the SDK accepts documents of other tools.
 */
export interface DocumentTypes<Result, Variables> {
  __apiType?: (variables: Variables) => Result;
}

/**
 * Any typed document: a string of this SDK, an object whose `toString()` returns the text, or a
 * syntax tree (`TypedDocumentNode`). A syntax tree requires a {@link PrintDocument}.
 */
export type AnyDocument<Result, Variables> = (string | object) & DocumentTypes<Result, Variables>;

/** Converts a syntax tree to text, such as `print` of the `graphql` package. */
export type PrintDocument = (document: never) => string;

/**
 * Returns the text of a document.
 *
 * @throws TypeError for a syntax tree without `print`
 */
export function documentText(
  document: string | { toString(): string },
  print?: PrintDocument,
): string {
  if (typeof document === "string") return document;
  if (!("kind" in document && "definitions" in document)) return document.toString();
  if (print !== undefined) return print(document as never);
  throw new TypeError("This document is a syntax tree. Pass `print` from the graphql package.");
}
