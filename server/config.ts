import { z } from "zod";
import { INT_MAX } from "./kernel/int.ts";
import { StartupError } from "./kernel/startup-error.ts";

const flag = z.stringbool();
const seconds = (fallback: number) => z.coerce.number().int().positive().default(fallback);
const count = (fallback: number) => z.coerce.number().int().positive().default(fallback);
/** 0 means no limit. */
const limit = (fallback: number) => z.coerce.number().int().min(0).default(fallback);
const bytes = (fallback: number) =>
  z.coerce.number().int().positive().max(INT_MAX).default(fallback);
/** Fractions are useful for experiments. */
const minutes = (fallback: number) => z.coerce.number().positive().default(fallback);
const url = (...protocols: string[]) =>
  z.string().refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol), {
    error: `must be a URL that starts with ${protocols.map((name) => `${name}//`).join(" or ")}`,
  });
/** `COUNT/SECONDS`, or several separated by commas, which all apply; 0 means no limit. */
const rate = (fallback: string) =>
  z
    .string()
    .regex(/^(?:0|[1-9]\d{0,6}\/[1-9]\d{0,5}(?:,[1-9]\d{0,6}\/[1-9]\d{0,5})*)$/, {
      error: "must be COUNT/SECONDS, such as 50/10 or 50/10,1000/600, or 0 for no limit",
    })
    .default(fallback);
const list = z
  .string()
  .default("")
  .transform((text) =>
    text
      .split(",")
      .map((item) => item.trim())
      .filter((item) => item !== ""),
  );

/** `null` and `*` would match pages of any site, so both are rejected. */
function isOrigin(text: string): boolean {
  return URL.canParse(text) && /^https?:/.test(text) && new URL(text).origin === text;
}

/**
 * All settings, with defaults and meanings. The keys are the names of environment variables.
 * `.env.example` contains the descriptions.
 */
const settings = z.object({
  PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .default(4000)
    .describe("TCP port of the web app and the API. 0 selects any free port."),
  HOST: z
    .string()
    .default("0.0.0.0")
    .describe("Address to listen on. 127.0.0.1 serves only this machine."),
  TLS_CERT: z
    .string()
    .optional()
    .describe(
      "Path of a PEM file with the certificate and its chain. Enables https and wss with TLS 1.2 or later. Reloaded when it changes.",
    ),
  TLS_KEY: z
    .string()
    .optional()
    .describe("Path of the private key in PEM format. Required with TLS_CERT."),
  REQUIRE_TLS: flag
    .default(false)
    .describe("Reject requests without TLS, to this server or, with TRUST_PROXY, to the proxy."),
  DATABASE_URL: url("postgres:", "postgresql:")
    .optional()
    .describe("PostgreSQL to use. Without it, Parley starts its own under PARLEY_DATA."),
  DATABASE_POOL: count(20).describe(
    "Maximum number of PostgreSQL connections of this instance, at least eight.",
  ),
  REDIS_URL: url("redis:", "rediss:")
    .optional()
    .describe("Redis that connects several instances. Without it, this instance runs alone."),
  PARLEY_DATA: z
    .string()
    .default(".parley")
    .describe("Folder for the embedded PostgreSQL and build output."),
  SERVER_NAME: z
    .string()
    .min(1)
    .max(80)
    .default("Parley")
    .describe("Name of this server, as clients show it."),
  PUBLIC_ORIGINS: list
    .refine((origins) => origins.every(isOrigin), {
      error: "must be origins as browsers send them, such as https://chat.example.org",
    })
    .describe(
      "Comma-separated origins of web pages that may call this server, besides its own: https://chat.example.org",
    ),
  TRUST_PROXY: flag
    .default(false)
    .describe(
      "Read client address and protocol from X-Forwarded-* headers. Use only behind a proxy that sets them.",
    ),
  SESSION_POLICY: z
    .enum(["multiple", "reject", "replace"])
    .default("multiple")
    .describe(
      "A second log-in of the same user: allow it, reject it while the first session is alive, or replace the first session.",
    ),
  SESSION_LOCK_SECONDS: seconds(15).describe(
    "With SESSION_POLICY=reject: how long after its last sign of life a session still blocks a log-in.",
  ),
  SESSION_DAYS: z.coerce
    .number()
    .positive()
    .default(90)
    .describe("Days after which a session ends in any case."),
  SESSION_IDLE_DAYS: z.coerce
    .number()
    .positive()
    .default(30)
    .describe("Days without use after which a session ends."),
  ADMIN_USERNAMES: list.describe(
    "Comma-separated usernames of the administrators. Without it, the first account becomes administrator.",
  ),
  AUDIT_RETENTION_DAYS: z.coerce
    .number()
    .int()
    .min(30)
    .max(36_500)
    .default(365)
    .describe("Days to keep the audit log, at least 30."),
  EXPORT_SECONDS: seconds(600).describe(
    "Maximum duration of a data export, which reads one snapshot of the database.",
  ),
  MESSAGE_MAX_LENGTH: count(8000).describe("Maximum length of a message, in characters."),
  ANNOUNCE_MEMBERS_MAX: z.coerce
    .number()
    .int()
    .min(0)
    .default(200)
    .describe(
      "Maximum number of members of a room whose history records joins and departures; in larger rooms, they would bury the messages. 0 for never.",
    ),
  DIRECT_MAX_PEOPLE: z.coerce
    .number()
    .int()
    .min(2)
    .max(50)
    .default(10)
    .describe("Maximum number of users in a direct conversation, 2 to 50, including the creator."),
  FILES_DIR: z
    .string()
    .optional()
    .describe("Folder for uploaded files, shared by all instances. By default, below PARLEY_DATA."),
  S3_ENDPOINT: url("https:", "http:")
    .optional()
    .describe("S3-compatible service for uploaded files, instead of a folder."),
  S3_BUCKET: z
    .string()
    .optional()
    .describe("Bucket for uploaded files. Required with S3_ENDPOINT."),
  S3_REGION: z.string().default("auto").describe("Region for which requests to S3 are signed."),
  S3_ACCESS_KEY_ID: z
    .string()
    .optional()
    .describe("Access key for the bucket. Required with S3_ENDPOINT."),
  S3_SECRET_ACCESS_KEY: z
    .string()
    .optional()
    .describe("Secret of the access key. Required with S3_ENDPOINT."),
  S3_PREFIX: z
    .string()
    .default("")
    .describe("Prefix of all object keys, for a shared bucket: parley/"),
  FILE_TYPES: list.describe(
    "Comma-separated media types that users may upload, detected from the content: image/*,application/pdf. By default all.",
  ),
  FILE_MAX_BYTES: bytes(52_428_800).describe("Maximum size of a file, in bytes."),
  PICTURE_MAX_BYTES: bytes(10_485_760).describe("Maximum size of an uploaded picture, in bytes."),
  PICTURE_MAX_PIXELS: count(50_000_000).describe(
    "Maximum number of pixels of a picture, in all frames of an animation.",
  ),
  IMAGE_CONCURRENCY: count(2).describe(
    "Maximum number of pictures processed in parallel; each takes a core.",
  ),
  IMAGE_QUEUE: count(100).describe(
    "Pictures that may wait to be processed before the server rejects more.",
  ),
  UPLOAD_CONCURRENCY: count(32).describe(
    "Maximum number of files that this instance receives in parallel; each takes up to 6 MiB of memory.",
  ),
  UPLOAD_TICKET_MINUTES: minutes(240).describe("Minutes within which an upload must be complete."),
  UPLOAD_KEEP_MINUTES: minutes(1_440).describe(
    "Minutes after which the server removes an unused upload.",
  ),
  UPLOAD_SWEEP_SECONDS: z.coerce
    .number()
    .positive()
    .default(60)
    .describe("Interval at which the server looks for unused files."),
  FILE_LINK_MINUTES: minutes(60).describe(
    "Minimum lifetime of a file link, in minutes. The maximum is twice as long.",
  ),
  FILE_LINK_SECRET: z
    .string()
    .min(32)
    .optional()
    .describe(
      "Secret that signs file links, at least 32 characters, equal on all instances. By default, the database stores a random secret.",
    ),
  MENTION_ALL_MEMBERS: count(50).describe(
    "Maximum number of members of a room in which every member may use @here and @room; in larger rooms, only its owner and moderators may.",
  ),
  PAGE_SIZE_MAX: count(100).describe("Maximum page size of a list."),
  OPERATION_DEPTH: count(20).describe("Maximum depth of fields in an operation."),
  OPERATION_ALIASES: count(50).describe(
    "Maximum number of aliases in an operation, including fragments.",
  ),
  OPERATION_COST: count(50_000).describe(
    "Maximum number of fields in a response; fields of a list count once per item of the page size.",
  ),
  PASSWORD_CONCURRENCY: count(2).describe(
    "Maximum number of passwords hashed in parallel; each takes a core and PASSWORD_MEMORY_MIB for about 80 ms.",
  ),
  PASSWORD_MEMORY_MIB: z.coerce
    .number()
    .int()
    .min(19)
    .max(1_024)
    .default(64)
    .describe(
      "Memory for hashing one password, 19 to 1024. More memory makes passwords harder to guess.",
    ),
  PASSWORD_QUEUE: count(200).describe(
    "Log-ins and sign-ups that may wait for password hashing before the server rejects more.",
  ),
  SEARCH_TIMEOUT_SECONDS: seconds(3).describe(
    "Maximum duration of a search before it ends with an error.",
  ),
  OPERATIONS_AT_ONCE: count(5_000).describe(
    "Queries and mutations that may run on this instance before it rejects more.",
  ),
  APPEND_QUEUE: count(20_000).describe(
    "Messages that may wait to be stored before the server rejects more.",
  ),
  RECEIPTS_LIVE_MEMBERS: count(200).describe(
    "Maximum number of members of a conversation with live read receipts.",
  ),
  RATE_LIMITS: flag
    .default(true)
    .describe("Whether rate limits apply. Each limit is COUNT/SECONDS[,COUNT/SECONDS…] or 0."),
  RATE_LOG_IN_TOTAL: rate("3000/900").describe(
    "Failed log-ins on the whole server, from addresses that have never logged in to the account.",
  ),
  RATE_LOG_IN_ADDRESS: rate("100/900").describe(
    "Failed log-ins from one address to accounts that it has never logged in to.",
  ),
  RATE_LOG_IN_ACCOUNT: rate("20/900").describe(
    "Failed log-ins to one account from addresses that have never logged in to it.",
  ),
  RATE_LOG_IN_KNOWN: rate("20/900").describe(
    "Failed log-ins to one account from an address that has logged in to it before.",
  ),
  RATE_SIGN_UP: rate("30/3600").describe("Sign-ups from one address."),
  RATE_PASSWORD: rate("10/900").describe("Wrong passwords of one logged-in user."),
  RATE_SEND: rate("50/10,1000/600").describe(
    "Messages sent by one user, counted by each instance.",
  ),
  RATE_DRAFT: rate("120/60").describe("Drafts saved by one user, counted by each instance."),
  RATE_SCHEDULE: rate("200/3600").describe("Messages scheduled by one user."),
  RATE_CREATE_ROOM: rate("20/3600").describe("Rooms created by one user."),
  RATE_OPEN_DIRECT: rate("50/3600").describe("Direct conversations opened by one user."),
  RATE_FOLLOW: rate("300/3600").describe(
    "Follows, mutes and blocks by one user, including their removal.",
  ),
  RATE_PUBLISH: rate("60/600").describe("Posts published by one user."),
  RATE_INVITE: rate("100/3600").describe("Invitations created by one user."),
  RATE_REACT: rate("60/60").describe("Reactions added or removed by one user."),
  RATE_UPLOAD: rate("60/600").describe("Uploads started by one user."),
  RATE_REPORT: rate("20/3600").describe("Reports created by one user."),
  RATE_SEARCH: rate("60/60").describe("Searches by one user."),
  RATE_TYPING: rate("20/10").describe("Typing signals of one user, counted by each instance."),
  RATE_OPERATIONS: rate("300/3").describe("Operations sent over one WebSocket."),
  RATE_EXPORT: rate("5/86400").describe("Data exports of one user."),
  REPLAY_LIMIT: count(5000).describe(
    "Maximum number of events in a replay. A client that missed more must refetch its state.",
  ),
  EVENT_RETENTION_DAYS: z.coerce
    .number()
    .positive()
    .default(30)
    .describe("Days for which the log keeps events for clients that resume. Messages are kept."),
  SOCKET_BUFFER_BYTES: count(1_048_576).describe(
    "Maximum unsent bytes of one WebSocket before the server closes it and the client must resume.",
  ),
  SUBSCRIPTIONS_PER_SOCKET: count(50).describe("Maximum number of subscriptions of one WebSocket."),
  SOCKETS_PER_ACCOUNT: limit(50).describe(
    "Maximum number of open WebSockets and event streams of one user on this instance; 0 for no limit.",
  ),
  SOCKETS_PER_ADDRESS: limit(1_000).describe(
    "Maximum number of open WebSockets and event streams of one address on this instance; 0 for no limit.",
  ),
  SOCKET_INIT_SECONDS: seconds(10).describe(
    "Maximum time for a WebSocket to send connection_init.",
  ),
  HEARTBEAT_SECONDS: seconds(25).describe("Interval at which an idle stream sends its position."),
  PRESENCE_TTL_SECONDS: seconds(30).describe(
    "With Redis: how long users still appear online after their instance went silent.",
  ),
  PRESENCE_IDLE_SECONDS: seconds(600).describe(
    "Time since the last request of a device after which its user appears away there.",
  ),
  METRICS_TOKEN: z
    .string()
    .min(16)
    .optional()
    .describe(
      "Token that `Authorization: Bearer` must carry at /metrics, at least 16 characters. Without it, only programs on this machine may read the metrics.",
    ),
  INTROSPECTION: flag
    .default(true)
    .describe("Whether clients may query the schema's types. The playground needs it."),
  DRAIN_SECONDS: z.coerce
    .number()
    .min(0)
    .max(5)
    .default(0.5)
    .describe(
      "How long the server still accepts requests after SIGTERM, so that clients move to another instance without losing one.",
    ),
  SHUTDOWN_SECONDS: seconds(8).describe(
    "How long running requests may take to finish after SIGTERM.",
  ),
  LOG_LEVEL: z
    .enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"])
    .default("info")
    .describe("Minimum level of log lines."),
});

type Settings = z.infer<typeof settings>;

/** The settings of one instance, read once at start. */
export interface Config extends Settings {
  /** Folder with migrations, relative to the repository root or the working folder of the image. */
  readonly migrationsDir: string;
  /** Folder with the built web app. */
  readonly webDir: string;
}

/**
 * Reads and validates the environment.
 *
 * @throws StartupError that names each invalid variable and its expected value
 */
export function readConfig(environment: NodeJS.ProcessEnv = process.env): Config {
  // Compose files and shells produce empty variables; they count as not set.
  const present = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== ""),
  );
  const result = settings.safeParse(present);
  if (!result.success) {
    const problems = result.error.issues.map(
      (issue) => `${issue.path.join(".")}: ${issue.message}`,
    );
    throw new StartupError(
      `The configuration is not valid. ${problems.join("; ")}`,
      "Correct the environment variable; .env.example lists all of them.",
    );
  }
  const { TLS_CERT, TLS_KEY, REQUIRE_TLS, TRUST_PROXY } = result.data;
  if ((TLS_CERT === undefined) !== (TLS_KEY === undefined)) {
    throw new StartupError(
      "Only one of TLS_CERT and TLS_KEY is set.",
      "Set both, or neither if a proxy terminates TLS.",
    );
  }
  if (REQUIRE_TLS && TLS_CERT === undefined && !TRUST_PROXY) {
    throw new StartupError(
      "REQUIRE_TLS would reject every request, because the server has no certificate and trusts no proxy.",
      "Set TLS_CERT and TLS_KEY, or TRUST_PROXY=true behind a proxy.",
    );
  }
  return { ...result.data, migrationsDir: "prisma/migrations", webDir: "dist/web" };
}

/** The URL scheme of this server. */
export function schemeOf(config: Pick<Config, "TLS_CERT">): "https" | "http" {
  return config.TLS_CERT === undefined ? "http" : "https";
}

/** The text of `.env.example`: every setting as a comment with its default. */
export function envExample(): string {
  const lines = [
    "# All settings of Parley with their defaults. Uncomment and change what you need.",
    "",
  ];
  for (const [name, schema] of Object.entries(settings.shape)) {
    lines.push(`# ${schema.description ?? ""}`, `#${name}=${defaultOf(schema)}`, "");
  }
  return lines.join("\n");
}

function defaultOf(schema: z.ZodType): string {
  const fallback: unknown = schema.safeParse(undefined).data;
  if (Array.isArray(fallback)) return fallback.join(",");
  return typeof fallback === "string" ||
    typeof fallback === "number" ||
    typeof fallback === "boolean"
    ? String(fallback)
    : "";
}
