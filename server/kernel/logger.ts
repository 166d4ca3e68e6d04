import { pino, stdSerializers, type Logger as PinoLogger } from "pino";

export type Logger = PinoLogger;
export type LogLevel = "fatal" | "error" | "warn" | "info" | "debug" | "trace" | "silent";

/** pino's number for the level `warn`. */
const WARN = 40;

/**
 * Fields of database errors that contain values: the rejected row, the statement and its parameters. They
 * can hold user text and password hashes.
 */
const VALUE_KEYS = new Set(["detail", "where", "internalQuery", "query", "parameters", "params"]);
/** The value at the end of a message, such as `invalid input syntax for type uuid: "…"`. */
const QUOTED_VALUE = /((?:invalid input|out of range|malformed)[^:"\n]*: )"[^\n]*"/g;

/** Serializes an error for the log without the values that it contains. */
function errorForLog(error: Error): unknown {
  return withoutValues(stdSerializers.err(error));
}

function withoutValues(value: unknown): unknown {
  if (typeof value === "string") return value.replace(QUOTED_VALUE, '$1"…"');
  if (Array.isArray(value)) return value.map(withoutValues);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !VALUE_KEYS.has(key))
      .map(([key, inner]) => [key, withoutValues(inner)]),
  );
}

export interface LoggerOptions {
  level: LogLevel;
  base?: Record<string, unknown>;
  /**
   * Whether the log has already reported the cause of an error. Warnings with such an `err` are dropped,
   * so that an outage is one line, not one line per request.
   */
  isReported?: (error: unknown) => boolean;
}

/** Creates a logger of JSON lines on standard error. Standard output is for people who start the server. */
export function makeLogger({
  level,
  base = {},
  isReported: isReported = () => false,
}: LoggerOptions): Logger {
  return pino(
    {
      level,
      base,
      serializers: { err: errorForLog },
      redact: ["password", "token", "authorization", "cookie", "*.password", "*.token"],
      hooks: {
        logMethod(args, method, number) {
          const [first] = args as [unknown];
          const error = typeof first === "object" && first !== null && "err" in first && first.err;
          if (number === WARN && error !== false && isReported(error)) return;
          method.apply(this, args);
        },
      },
    },
    pino.destination({ dest: 2, sync: true }),
  );
}
