import { z } from "zod";
import { StartupError } from "./kernel/startup-error.ts";

const flag = z.stringbool();
const seconds = (fallback: number) => z.coerce.number().int().positive().default(fallback);
const count = (fallback: number) => z.coerce.number().int().positive().default(fallback);
/** 0 for none. */
const limit = (fallback: number) => z.coerce.number().int().min(0).default(fallback);
const bytes = (fallback: number) =>
  z.coerce.number().int().positive().max(2_147_483_647).default(fallback);
/** Fractions are good for trying things out. */
const minutes = (fallback: number) => z.coerce.number().positive().default(fallback);
const url = (...protocols: string[]) =>
  z.string().refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol), {
    error: `must be a URL that starts with ${protocols.map((name) => `${name}//`).join(" or ")}`,
  });
/** `COUNT/SECONDS`, or several with commas between them, which all have to be kept; 0 is no limit. */
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

/** `null` and `*` stand for pages of anybody, so they are none. */
function isOrigin(text: string): boolean {
  return URL.canParse(text) && /^https?:/.test(text) && new URL(text).origin === text;
}

/**
 * Every setting, with its default and meaning. The keys are the names of environment variables;
 * the descriptions are printed into `.env.example`.
 */
const settings = z.object({
  PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .default(4000)
    .describe("TCP port of the web app and the API. 0 takes any free port."),
  HOST: z
    .string()
    .default("0.0.0.0")
    .describe("Address to listen on. 127.0.0.1 serves this machine alone."),
  TLS_CERT: z
    .string()
    .optional()
    .describe(
      "Path of a PEM file with the certificate and those that it is signed by: serves https and wss, 1.2 or later. Read again when it changes.",
    ),
  TLS_KEY: z.string().optional().describe("Path of its private key, PEM. Needed with TLS_CERT."),
  REQUIRE_TLS: flag
    .default(false)
    .describe(
      "Refuse whoever did not come by TLS, to this server or, with TRUST_PROXY, to the proxy.",
    ),
  DATABASE_URL: url("postgres:", "postgresql:")
    .optional()
    .describe("PostgreSQL to use. Without it, Parley starts its own under PARLEY_DATA."),
  DATABASE_POOL: count(20).describe(
    "Connections to PostgreSQL that this instance may hold, eight at least.",
  ),
  REDIS_URL: url("redis:", "rediss:")
    .optional()
    .describe("Redis that joins several instances. Without it, this instance is alone."),
  PARLEY_DATA: z
    .string()
    .default(".parley")
    .describe("Folder for the embedded PostgreSQL and what is built."),
  SERVER_NAME: z
    .string()
    .min(1)
    .max(80)
    .default("Parley")
    .describe("What clients show as the name of this server."),
  PUBLIC_ORIGINS: list
    .refine((origins) => origins.every(isOrigin), {
      error: "must be origins as browsers send them, such as https://chat.example.org",
    })
    .describe(
      "Comma-separated origins of web pages, besides this server's own, that may call it: https://chat.example.org",
    ),
  TRUST_PROXY: flag
    .default(false)
    .describe(
      "Take the person's address and protocol from X-Forwarded-* headers. Only behind a proxy that sets them.",
    ),
  SESSION_POLICY: z
    .enum(["multiple", "reject", "replace"])
    .default("multiple")
    .describe(
      "A second log-in of one person: allow it, reject it while the first is alive, or let it replace the first.",
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
    "Comma-separated usernames of the administrators. Without it, the first account is one.",
  ),
  AUDIT_RETENTION_DAYS: z.coerce
    .number()
    .int()
    .min(30)
    .max(36_500)
    .default(365)
    .describe("Days that the audit log is kept, at least 30."),
  EXPORT_SECONDS: seconds(600).describe(
    "How long an export of one's data may take, all of it from one moment of the database.",
  ),
  MESSAGE_MAX_LENGTH: count(8000).describe("Longest message, in characters."),
  ANNOUNCE_MEMBERS_MAX: z.coerce
    .number()
    .int()
    .min(0)
    .default(200)
    .describe(
      "Members up to which a room's history tells who joins and leaves; in larger ones that would bury what is said. 0 for never.",
    ),
  DIRECT_MAX_PEOPLE: z.coerce
    .number()
    .int()
    .min(2)
    .max(50)
    .default(10)
    .describe("Most people of a direct conversation, 2 to 50, whoever opens it included."),
  FILES_DIR: z
    .string()
    .optional()
    .describe("Folder for uploaded files, shared by all instances. Without it, below PARLEY_DATA."),
  S3_ENDPOINT: url("https:", "http:")
    .optional()
    .describe("S3-compatible service that keeps uploaded files, instead of a folder."),
  S3_BUCKET: z.string().optional().describe("Bucket for uploaded files. Needed with S3_ENDPOINT."),
  S3_REGION: z.string().default("auto").describe("Region that requests to S3 are signed for."),
  S3_ACCESS_KEY_ID: z.string().optional().describe("Key to the bucket. Needed with S3_ENDPOINT."),
  S3_SECRET_ACCESS_KEY: z
    .string()
    .optional()
    .describe("Secret of that key. Needed with S3_ENDPOINT."),
  S3_PREFIX: z
    .string()
    .default("")
    .describe("What the keys of all objects begin with, for a bucket that is shared: parley/"),
  FILE_TYPES: list.describe(
    "Comma-separated media types that may be uploaded, found in the content: image/*,application/pdf. All when left out.",
  ),
  FILE_MAX_BYTES: bytes(52_428_800).describe("Largest file, in bytes."),
  PICTURE_MAX_BYTES: bytes(10_485_760).describe("Largest picture as it is sent, in bytes."),
  PICTURE_MAX_PIXELS: count(50_000_000).describe(
    "Most pixels of a picture, of all frames of an animation together.",
  ),
  IMAGE_CONCURRENCY: count(2).describe("Pictures made ready at once; each takes a core."),
  IMAGE_QUEUE: count(100).describe(
    "Pictures that may wait to be made ready before more are turned away.",
  ),
  UPLOAD_CONCURRENCY: count(32).describe(
    "Files received at once by this instance; each takes up to 6 MiB of memory.",
  ),
  UPLOAD_TICKET_MINUTES: minutes(240).describe(
    "Minutes within which an upload has to be complete.",
  ),
  UPLOAD_KEEP_MINUTES: minutes(1_440).describe(
    "Minutes that a complete upload waits to be used before it is removed.",
  ),
  UPLOAD_SWEEP_SECONDS: z.coerce
    .number()
    .positive()
    .default(60)
    .describe("How often unused files are looked for."),
  FILE_LINK_MINUTES: minutes(60).describe(
    "Minutes that the address of a file is good for at least, and at most twice as long.",
  ),
  FILE_LINK_SECRET: z
    .string()
    .min(32)
    .optional()
    .describe(
      "What addresses of files are signed with, 32 characters or more, the same on all instances. Made and kept in the database when left out.",
    ),
  MENTION_ALL_MEMBERS: count(50).describe(
    "Largest room in which every member may call everyone with @here and @room; in larger ones its owner and moderators may.",
  ),
  PAGE_SIZE_MAX: count(100).describe("Most items that one page of a list may have."),
  OPERATION_DEPTH: count(20).describe("Most fields within one another in an operation."),
  OPERATION_ALIASES: count(50).describe("Most aliases of an operation, fragments included."),
  OPERATION_COST: count(50_000).describe(
    "Most fields that an operation may ask for, those of a list as often as its page is long.",
  ),
  PASSWORD_CONCURRENCY: count(2).describe(
    "Passwords hashed at once; each takes a core and PASSWORD_MEMORY_MIB for some 80 ms.",
  ),
  PASSWORD_MEMORY_MIB: z.coerce
    .number()
    .int()
    .min(19)
    .max(1_024)
    .default(64)
    .describe("Memory that hashing a password takes, 19 to 1024; the more, the harder to guess."),
  PASSWORD_QUEUE: count(200).describe(
    "Log-ins and sign-ups that may wait for their hash before more are turned away.",
  ),
  SEARCH_TIMEOUT_SECONDS: seconds(3).describe(
    "How long a search may take before it is ended with an error that says so.",
  ),
  OPERATIONS_AT_ONCE: count(5_000).describe(
    "Queries and mutations that may be under way at once on this instance before more are turned away.",
  ),
  APPEND_QUEUE: count(20_000).describe(
    "Messages that may wait to be written before more are turned away.",
  ),
  RECEIPTS_LIVE_MEMBERS: count(200).describe(
    "Members up to which a conversation shows live how far each of them has read.",
  ),
  RATE_LIMITS: flag
    .default(true)
    .describe(
      "Whether anything is limited at all. Each limit is COUNT/SECONDS[,COUNT/SECONDS…] or 0.",
    ),
  RATE_LOG_IN_TOTAL: rate("3000/900").describe(
    "Failed log-ins on the whole server, from addresses that are new to the account.",
  ),
  RATE_LOG_IN_ADDRESS: rate("100/900").describe(
    "Failed log-ins from one address to accounts that it is new to.",
  ),
  RATE_LOG_IN_ACCOUNT: rate("20/900").describe(
    "Failed log-ins to one account from addresses that are new to it.",
  ),
  RATE_LOG_IN_KNOWN: rate("20/900").describe(
    "Failed log-ins to one account from an address that it was logged in from before.",
  ),
  RATE_SIGN_UP: rate("30/3600").describe("Sign-ups from one address."),
  RATE_PASSWORD: rate("10/900").describe("Wrong passwords given by one person who is logged in."),
  RATE_SEND: rate("50/10,1000/600").describe(
    "Messages sent by one person, on each instance by itself.",
  ),
  RATE_DRAFT: rate("120/60").describe("Drafts saved by one person, on each instance by itself."),
  RATE_SCHEDULE: rate("200/3600").describe("Messages scheduled by one person."),
  RATE_CREATE_ROOM: rate("20/3600").describe("Rooms made by one person."),
  RATE_OPEN_DIRECT: rate("50/3600").describe("Direct conversations opened by one person."),
  RATE_FOLLOW: rate("300/3600").describe(
    "People and threads followed, people muted or blocked by one person, or no longer.",
  ),
  RATE_PUBLISH: rate("60/600").describe("Posts published by one person."),
  RATE_INVITE: rate("100/3600").describe("Invitations made by one person."),
  RATE_REACT: rate("60/60").describe("Reactions added or taken back by one person."),
  RATE_UPLOAD: rate("60/600").describe("Uploads begun by one person."),
  RATE_REPORT: rate("20/3600").describe("Reports made by one person."),
  RATE_SEARCH: rate("60/60").describe("Searches by one person."),
  RATE_TYPING: rate("20/10").describe(
    "Signals of typing by one person, on each instance by itself.",
  ),
  RATE_OPERATIONS: rate("300/3").describe("Operations that are sent over one WebSocket."),
  RATE_EXPORT: rate("5/86400").describe("Exports of their data that one person may take."),
  REPLAY_LIMIT: count(5000).describe(
    "Most events that a resuming stream is sent; further back it is told to refetch.",
  ),
  EVENT_RETENTION_DAYS: z.coerce
    .number()
    .positive()
    .default(30)
    .describe("Days that the log keeps events for clients that resume. Messages themselves stay."),
  SOCKET_BUFFER_BYTES: count(1_048_576).describe(
    "Bytes that may wait for one slow WebSocket before it is closed and must resume.",
  ),
  SUBSCRIPTIONS_PER_SOCKET: count(50).describe("Subscriptions that one WebSocket may hold."),
  SOCKETS_PER_ACCOUNT: limit(50).describe(
    "WebSockets and event streams that one person may hold open on this instance; 0 for any number.",
  ),
  SOCKETS_PER_ADDRESS: limit(1_000).describe(
    "WebSockets and event streams that one address may hold open on this instance; 0 for any number.",
  ),
  SOCKET_INIT_SECONDS: seconds(10).describe(
    "How long a WebSocket may take to send connection_init.",
  ),
  HEARTBEAT_SECONDS: seconds(25).describe(
    "How often an idle stream tells its client how far it is.",
  ),
  PRESENCE_TTL_SECONDS: seconds(30).describe(
    "With Redis: how long people still count as online after their instance was last heard of.",
  ),
  PRESENCE_IDLE_SECONDS: seconds(600).describe(
    "How long after the last request of a device its person counts as away there.",
  ),
  METRICS_TOKEN: z
    .string()
    .min(16)
    .optional()
    .describe(
      "What `Authorization: Bearer` has to carry at /metrics, 16 characters or more. Without it, only programs on this machine are answered.",
    ),
  INTROSPECTION: flag
    .default(true)
    .describe("Whether the schema may be asked for its types. The playground needs it."),
  DRAIN_SECONDS: z.coerce
    .number()
    .min(0)
    .max(5)
    .default(0.5)
    .describe(
      "How long after SIGTERM requests are still taken, so that clients move to another instance with none lost.",
    ),
  SHUTDOWN_SECONDS: seconds(8).describe(
    "How long requests in flight may take to finish after SIGTERM.",
  ),
  LOG_LEVEL: z
    .enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"])
    .default("info")
    .describe("Least important log line that is written."),
});

type Settings = z.infer<typeof settings>;

/** The settings of one instance, read once at start. */
export interface Config extends Settings {
  /** Folder with migrations, relative to the repository's root or the image's working folder. */
  readonly migrationsDir: string;
  /** Folder with the built web app. */
  readonly webDir: string;
}

/**
 * Reads and validates the environment.
 *
 * @throws StartupError that names each bad variable and what it takes.
 */
export function readConfig(environment: NodeJS.ProcessEnv = process.env): Config {
  // An empty variable, as compose files and shells produce them, means "not set".
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
      "Of TLS_CERT and TLS_KEY only one is set.",
      "Set both, or neither where a proxy takes care of TLS.",
    );
  }
  if (REQUIRE_TLS && TLS_CERT === undefined && !TRUST_PROXY) {
    throw new StartupError(
      "REQUIRE_TLS would refuse everybody: there is no TLS here, and no proxy is trusted.",
      "Set TLS_CERT and TLS_KEY, or TRUST_PROXY=true behind a proxy.",
    );
  }
  return { ...result.data, migrationsDir: "prisma/migrations", webDir: "dist/web" };
}

/** By which scheme the server itself is reached. */
export function schemeOf(config: Pick<Config, "TLS_CERT">): "https" | "http" {
  return config.TLS_CERT === undefined ? "http" : "https";
}

/** The text of `.env.example`: every setting as a comment with its default. */
export function envExample(): string {
  const lines = [
    "# Every setting of Parley with its default. Uncomment and change what you need.",
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
