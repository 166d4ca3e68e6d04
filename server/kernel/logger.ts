import { pino, type Logger as PinoLogger } from "pino";

export type Logger = PinoLogger;
export type LogLevel = "fatal" | "error" | "warn" | "info" | "debug" | "trace" | "silent";

/** A warning's level, as pino numbers it. */
const WARN = 40;

/**
 * Structured JSON lines on standard error; standard output is for what a person reads at start-up.
 *
 * @param isTold whether an error follows from something that the operator was told already: warnings
 * with such an `err` are left out, so that an outage is one line and not one for each request
 */
export function makeLogger(
  level: LogLevel,
  base: Record<string, unknown> = {},
  isTold: (error: unknown) => boolean = () => false,
): Logger {
  return pino(
    {
      level,
      base,
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
