import { GraphQLError } from "graphql";

/** The reasons for an invalid variable, as patterns without the value. */
const REASONS: readonly RegExp[] = [
  /Expected (?:non-nullable )?type "[\w![\]]+" (?:to be an object|not to be null)\.$/,
  /Field "\w+" of required type "[\w![\]]+" was not provided\.$/,
  /Field "\w+" is not defined by type "\w+"/,
  /does not exist in "\w+" enum/,
  /(?:[A-Z]\w*|Enum "\w+") cannot represent (?:a )?[\w -]*value/,
  /This is not a [\w ]+?(?= in ISO|\.)/,
];

/**
 * Removes values from messages of graphql-js about a document or its variables. graphql-js quotes them,
 * and a misplaced password would end up in the logs of programs. Names of the schema remain.
 */
export function redactValues(message: string): string {
  const variable = /^Variable "\$(\w+)" got invalid value /.exec(message)?.[1];
  if (variable !== undefined) {
    const path = /" at "([\w.[\]]+)"; |[^"] at "([\w.[\]]+)"; /.exec(message);
    const place = path?.[1] ?? path?.[2];
    const reason = REASONS.map((pattern) => pattern.exec(message)?.[0]).find(
      (found) => found !== undefined,
    );
    const where = place === undefined ? "" : ` at "${place}"`;
    const explanation = reason === undefined ? "" : `; ${reason.replace(/\.?$/, ".")}`;
    return `Variable "$${variable}" got an invalid value${where}${explanation === "" ? "." : explanation}`;
  }
  return message
    .replace(/(cannot represent (?:a )?[\w -]*value): [\s\S]*$/, "$1.")
    .replace(/^(Expected value of type "[\w![\]]+"), found [\s\S]*$/, "$1.")
    .replace(/^Value "[\s\S]*" (does not exist in "\w+" enum)/, "This value $1")
    .replace(/^(Syntax Error: .*?(?:BlockString|String|Int|Float)) "[\s\S]*"\.$/, "$1.");
}

/** Copies an error with a redacted message, and adds a code if it has none. */
export function withCode(error: GraphQLError, code: string): GraphQLError {
  const message = redactValues(error.message);
  if (message === error.message && error.extensions["code"] !== undefined) return error;
  const { nodes, source, positions, path, originalError } = error;
  const extensions = { code, ...error.extensions };
  return new GraphQLError(message, { nodes, source, positions, path, originalError, extensions });
}
