import { pino, type Logger as PinoLogger } from "pino";

export type Logger = PinoLogger;
export type LogLevel = "fatal" | "error" | "warn" | "info" | "debug" | "trace" | "silent";

/** Structured JSON lines on standard error; standard output is for what a person reads at start-up. */
export function makeLogger(level: LogLevel, base: Record<string, unknown> = {}): Logger {
  return pino(
    {
      level,
      base,
      redact: ["password", "token", "authorization", "cookie", "*.password", "*.token"],
    },
    pino.destination({ dest: 2, sync: true }),
  );
}
