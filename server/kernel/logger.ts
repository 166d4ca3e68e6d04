import { pino, stdSerializers, type Logger as PinoLogger } from "pino";

export type Logger = PinoLogger;
export type LogLevel = "fatal" | "error" | "warn" | "info" | "debug" | "trace" | "silent";

/** A warning's level, as pino numbers it. */
const WARN = 40;

/**
 * What a database tells of an error besides its message: the row that it refused, with all its values,
 * the statement, its parameters. These are people's words and hashes of passwords.
 */
const HOLDS_VALUES = new Set(["detail", "where", "internalQuery", "query", "parameters", "params"]);
/** The value at the end of a message, such as `invalid input syntax for type uuid: "…"`. */
const QUOTED_VALUE = /((?:invalid input|out of range|malformed)[^:"\n]*: )"[^\n]*"/g;

/** An error for the log, without the values that it was made of. */
function errorForLog(error: Error): unknown {
  return withoutValues(stdSerializers.err(error));
}

function withoutValues(value: unknown): unknown {
  if (typeof value === "string") return value.replace(QUOTED_VALUE, '$1"…"');
  if (Array.isArray(value)) return value.map(withoutValues);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !HOLDS_VALUES.has(key))
      .map(([key, inner]) => [key, withoutValues(inner)]),
  );
}

export interface LoggerOptions {
  level: LogLevel;
  base?: Record<string, unknown>;
  /**
   * Whether the log already reports the cause of an error. Warnings with such an `err` are left out,
   * so that an outage is one line and not one line per request.
   */
  isTold?: (error: unknown) => boolean;
}

/**
 * Structured JSON lines on standard error; standard output is for what a person reads at start-up.
 */
export function makeLogger({ level, base = {}, isTold = () => false }: LoggerOptions): Logger {
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
          if (number === WARN && error !== false && isTold(error)) return;
          method.apply(this, args);
        },
      },
    },
    pino.destination({ dest: 2, sync: true }),
  );
}
