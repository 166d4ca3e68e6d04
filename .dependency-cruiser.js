// Allowed imports between folders. `npm run check:boundaries` enforces them, and
// test/contract/boundaries.test.ts proves that every rule catches a violation.

/** Parley's own code. All other modules belong to npm packages or Node. */
const OURS = "^(server|prisma|sdk|cli|web|test|bench|deploy|[.]ci)/|^[^/]+[.][cm]?[jt]sx?$";

const CONFIG = "^server/config[.]ts$";
const KERNEL = "^server/kernel/";
const INFRA = "^server/infra/";
const DATABASE = "^server/infra/database/";
const LOG = "^server/log/";
/** Types and definitions of events: plain data. */
const LOG_DATA = "^server/log/(event|define-event|reference)[.]ts$";
/** The interface for opening a stream of events. */
const STREAM = "^server/log/(stream|stream-iterator)[.]ts$";
const DELIVERY = "^server/delivery/";
const SIGNAL = "^server/signal/";
/** The types of signals, and a stream of them as an iterator. */
const SIGNAL_DATA = "^server/signal/(signal|signal-iterator)[.]ts$";
const GRAPHQL = "^server/graphql/";
const HTTP = "^server/http/";
/** The type of a domain module, and the function that creates a list of modules. */
const MODULE_CONTRACT = "^server/module(-list)?[.]ts$";
const MODULE = "^server/(module|version)[.]ts$";
const MODULES = "^server/modules[.]ts$";
const LAUNCHER = "^server/launcher/";
const SUPERVISOR = "^server/supervisor/";
/** A domain's rows in the form that events and signals carry. */
const RECORD = "^server/domain/[^/]+/[^/]+[.]record[.]ts$";
/** The event types of a domain. */
const EVENTS = "^server/domain/[^/]+/[^/]+[.]events[.]ts$";
/** SQL conditions and joins of a domain, for the stores of all domains. */
const SQL = "^server/domain/[^/]+/[^/]+[.]sql[.]ts$";
/** The expected errors of a domain. */
const ERRORS = "^server/domain/[^/]+/[^/]+[.]errors[.]ts$";
const GENERATED = "^server/generated/";
const SERVICE = "^server/domain/[^/]+/[^/]+[.]service[.]ts$";
const SCHEMA = "^server/domain/[^/]+/[^/]+[.]schema[.]ts$";
/** For a rule whose `from` captures the domain's name as its first group. */
const OWN_POLICY = "^server/domain/$1/[^/]+[.]policy[.]ts$";
const OWN_STORE = "^server/domain/$1/[^/]+[.]store[.]ts$";
const OWN_EVENTS = "^server/domain/$1/[^/]+[.]events[.]ts$";
const OWN_SERVICE = "^server/domain/$1/[^/]+[.]service[.]ts$";
const OWN_SLICE = "^server/domain/$1/";
/** A domain's plain modules, such as its validation, which have no role in their file name. */
const OWN_PLAIN = "^server/domain/$1/[^/.]+[.]ts$";

const role = (name) => `^server/domain/([^/]+)/[^/]+[.]${name}[.]ts$`;

/**
 * A row of the table: of Parley's own code, files at `from` may import only `allowed`. They may also
 * import types from `types`, because type imports do not exist at run time.
 */
function row(name, from, comment, allowed, types = []) {
  const rule = (to) => ({ name, comment, severity: "error", from: { path: from }, to });
  const rules = [rule({ path: OURS, pathNot: [...allowed, ...types] })];
  if (types.length > 0) {
    rules.push(rule({ path: types, pathNot: allowed, dependencyTypesNot: ["type-only"] }));
  }
  return rules;
}

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
  forbidden: [
    ...row("kernel", KERNEL, "kernel imports no other Parley code.", [KERNEL]),
    ...row("config", CONFIG, "config imports the kernel.", [KERNEL]),
    ...row("infra", INFRA, "infra imports the kernel.", [KERNEL, INFRA, GENERATED]),
    ...row("log", LOG, "log imports kernel and infra.", [KERNEL, INFRA, LOG]),
    ...row("delivery", DELIVERY, "delivery imports kernel and log.", [KERNEL, LOG, DELIVERY]),
    ...row(
      "signal",
      SIGNAL,
      "signal imports kernel, infra and log; of the domains, types of records.",
      [KERNEL, INFRA, LOG, SIGNAL],
      [RECORD],
    ),
    ...row(
      "record",
      role("record"),
      "A record is plain data: it imports the kernel and types of other records.",
      [KERNEL],
      [RECORD],
    ),
    ...row(
      "events",
      role("events"),
      "A file of events imports the kernel, defineEvent, its own plain modules, the events of other domains and types of records.",
      [KERNEL, LOG_DATA, OWN_PLAIN, EVENTS],
      [RECORD],
    ),
    ...row("errors", role("errors"), "A file of errors imports the kernel.", [KERNEL]),
    ...row(
      "sql",
      role("sql"),
      "A file of SQL contains parts of statements. It imports the kernel, infra/database and SQL of other domains.",
      [KERNEL, DATABASE, SQL],
    ),
    {
      name: "policy",
      comment: "A policy contains pure predicates, so it imports only the kernel and types.",
      severity: "error",
      from: { path: role("policy") },
      to: { pathNot: KERNEL, dependencyTypesNot: ["type-only"] },
    },
    ...row("policy", role("policy"), "A policy imports the kernel and types of the domains.", [
      KERNEL,
      LOG_DATA,
      SIGNAL_DATA,
      "^server/domain/",
    ]),
    ...row(
      "store",
      role("store"),
      "A store imports infra/database, generated Prisma, the kernel, errors, SQL of all domains, its own domain's stores and events, and types of the log and of records.",
      [KERNEL, DATABASE, GENERATED, OWN_PLAIN, OWN_STORE, OWN_EVENTS, ERRORS, SQL],
      [LOG, RECORD],
    ),
    ...row(
      "service",
      role("service"),
      "A service imports its own policy and store, log, signal, kernel, events, errors and services of other domains, plus types of infra and of records.",
      [KERNEL, LOG, SIGNAL, OWN_POLICY, OWN_STORE, OWN_PLAIN, EVENTS, ERRORS, SERVICE],
      ["^server/infra/(?!database/)", RECORD],
    ),
    ...row(
      "schema",
      role("schema"),
      "A schema imports its own service and events, errors, graphql, the kernel, stream iterators of log and signal, schemas of other domains for references to their types, and types of records.",
      [
        KERNEL,
        GRAPHQL,
        STREAM,
        LOG_DATA,
        SIGNAL_DATA,
        OWN_SERVICE,
        OWN_EVENTS,
        OWN_PLAIN,
        ERRORS,
        SCHEMA,
      ],
      [RECORD],
    ),
    ...row(
      "domain-module",
      "^server/domain/([^/]+)/[^/.]+[.]ts$",
      "A plain module of a domain imports the kernel, other plain modules of the domain, and types of the log and of records.",
      [KERNEL, OWN_PLAIN],
      [LOG_DATA, SIGNAL_DATA, RECORD],
    ),
    ...row(
      "module",
      role("module"),
      "A module imports its own slice, kernel, infra, log, signal, graphql and server/module.ts, plus types of config, records and other domains' services.",
      [KERNEL, INFRA, LOG, SIGNAL, GRAPHQL, MODULE, OWN_SLICE],
      [CONFIG, RECORD, SERVICE],
    ),
    ...row(
      "graphql",
      GRAPHQL,
      "graphql imports kernel, log, delivery, signal, infra/database and generated code; never a domain.",
      [KERNEL, LOG, DELIVERY, SIGNAL, DATABASE, GENERATED, GRAPHQL],
    ),
    ...row(
      "http",
      HTTP,
      "http imports kernel, infra, log, delivery, signal, graphql, the domains' services and errors, and types of config.",
      [KERNEL, INFRA, LOG, DELIVERY, SIGNAL, GRAPHQL, HTTP, SERVICE, ERRORS],
      [CONFIG],
    ),
    ...row(
      "module-contract",
      MODULE_CONTRACT,
      "module and module-list define a module. They import kernel, infra, log, signal, graphql and types of config.",
      [KERNEL, INFRA, LOG, SIGNAL, GRAPHQL, MODULE_CONTRACT],
      [CONFIG],
    ),
    ...row(
      "modules",
      MODULES,
      "modules is the only list of the domains. It imports their modules, and types of graphql and the log.",
      [role("module"), MODULE_CONTRACT],
      [GRAPHQL, LOG_DATA],
    ),
    ...row(
      "composition",
      "^server/[^/]+[.](ts|mjs)$",
      "The files directly in server/ compose the server. They access the domains through modules, and import no client and no test.",
      ["^server/(?!domain/)", "^prisma/", role("module")],
    ),
    {
      name: "domain-list",
      comment: "Only modules.ts imports modules, so that it stays the only list of the domains.",
      severity: "error",
      from: { path: OURS, pathNot: MODULES },
      to: { path: role("module") },
    },
    ...row("launcher", LAUNCHER, "The launcher runs before anything is installed or built.", [
      LAUNCHER,
    ]),
    ...row(
      "supervisor",
      SUPERVISOR,
      "The supervisor starts instances as processes: it imports config, kernel, infra and prisma/.",
      [KERNEL, CONFIG, INFRA, SUPERVISOR, "^prisma/"],
    ),
    ...row("prisma", "^prisma/", "The scripts of prisma/ import config, kernel and infra.", [
      "^prisma/",
      "^prisma[.]config[.]ts$",
      CONFIG,
      KERNEL,
      INFRA,
      GENERATED,
    ]),
    ...row("sdk", "^sdk/", "The SDK is a separate package, so it imports no other Parley code.", [
      "^sdk/",
    ]),
    ...row("cli", "^cli/", "The terminal client is built on the SDK only.", ["^cli/", "^sdk/"]),
    ...row("web", "^web/", "The web app imports the SDK and its own code.", ["^web/", "^sdk/"]),
    {
      name: "place",
      comment: "A new kind of file first needs a row in this table.",
      severity: "error",
      from: {
        path: "^server/.+/",
        pathNot: [
          "^server/(kernel|infra|log|delivery|signal|graphql|http|launcher|supervisor|generated)/",
          "^server/domain/[^/]+/[^/.]+([.](policy|store|service|schema|module|record|events|errors|sql))?[.]ts$",
        ],
      },
      to: {},
    },
    {
      name: "prisma-in-stores",
      comment: "Prisma is used in stores, infra/database, graphql/builder and prisma/ only.",
      severity: "error",
      from: {
        path: "^(server|sdk|cli|web)/",
        pathNot: [role("store"), DATABASE, GENERATED, "^server/graphql/builder[.]ts$"],
      },
      to: {
        path: [GENERATED, "(^|/)node_modules/(@prisma|prisma)/", "^@?prisma(/|$)"],
        pathNot: "^prisma/",
      },
    },
    {
      name: "no-catch-all",
      comment: "Name a module after its job; utils and helpers have no single job.",
      severity: "error",
      from: {},
      to: { path: "(^|/)(utils?|helpers?)([.][cm]?[jt]sx?$|/)", pathNot: "(^|/)node_modules/" },
    },
    {
      name: "no-cycle",
      comment: "Merge modules that import each other, or move their common part into a third.",
      severity: "error",
      from: { pathNot: GENERATED },
      to: { circular: true },
    },
    {
      name: "resolvable",
      comment: "The rules cannot check an import that does not resolve.",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    // Makes type imports visible.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    doNotFollow: { path: ["(^|/)node_modules/", "^server/generated/"] },
    exclude: { path: "(^|/)dist/|^test/e2e/output/|^[.]parley/" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "types", "node", "default"],
      mainFields: ["module", "main", "types", "typings"],
    },
    skipAnalysisNotInRules: true,
  },
};
