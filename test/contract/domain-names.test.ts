import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";

const SERVER = join(import.meta.dirname, "../../server");

/** Identifiers that contain a domain's name but mean no domain. */
const ALLOWED: Record<string, ReadonlySet<string>> = {
  log: new Set([
    // Topics belong to users, and streams filter events by conversation.
    ...["userId", "userIds"],
    ...["conversationOf", "conversationIds", "hasConversation", "#conversations"],
    // `message` is the text of an error; the others are functions of timers.
    ...["message", "schedule", "schedulePoll"],
  ]),
  graphql: new Set([
    ...["message", "reportError", "directResult"],
    ...["AuthScopes", "authScopes", "scopeAuth", "ScopeAuthPlugin"],
    // The viewer and the sessions, which the kernel declares.
    ...["user", "userId", "LiveSessions", "liveSessions", "sessionEnded"],
    ...["setSessionCookie", "SetSessionCookie"],
  ]),
};

/** Domains whose names are also terms of the log: it stores events, and a server runs it. */
const TERMS = new Set(["event", "server"]);

const domains = readdirSync(join(SERVER, "domain")).filter((name) => !TERMS.has(name));
const eventTypes = new Set(
  domains.flatMap((name) => filesIn(`domain/${name}`, ".events.ts").flatMap(definedTypes)),
);

function filesIn(folder: string, suffix: string): string[] {
  return readdirSync(join(SERVER, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(suffix))
    .map((file) => `${folder}/${file}`);
}

function definedTypes(file: string): string[] {
  const text = readFileSync(join(SERVER, file), "utf8");
  return [...text.matchAll(/^ {2}type: "([A-Z_]+)",$/gm)].map(([, type]) => type ?? "");
}

/** `roomIds` consists of `room` and `ids`. */
function wordsOf(identifier: string): string[] {
  return identifier.split(/(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+/).map((word) => word.toLowerCase());
}

function namesDomain(identifier: string): boolean {
  return wordsOf(identifier).some((word) =>
    domains.some((name) => word === name || word === `${name}s`),
  );
}

/** Identifiers that contain the name of a domain, and event types in identifiers and strings. */
function domainNamesIn(text: string, allowed: ReadonlySet<string>): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) || ts.isPrivateIdentifier(node)) {
      const name = node.text;
      if (eventTypes.has(name) || (namesDomain(name) && !allowed.has(name))) found.push(name);
    } else if (ts.isStringLiteralLike(node) && eventTypes.has(node.text)) found.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile("file.ts", text, ts.ScriptTarget.Latest));
  return found;
}

test("the check reads the names of domains and event types from the sources", () => {
  expect(domains).toEqual(expect.arrayContaining(["message", "post", "room", "user"]));
  expect(eventTypes.size).toBeGreaterThan(30);
});

test.for([
  [`export const roomId = "1";`, ["roomId"]],
  [`import type { MessageRecord } from "./x.ts";`, ["MessageRecord"]],
  [`class Drafts { #posts = []; }`, ["Drafts", "#posts"]],
  [`if (event.type === "MEMBER_LEFT") stop();`, ["MEMBER_LEFT"]],
  [`const handlers = { ROOM_HIDDEN: restrict };`, ["ROOM_HIDDEN"]],
  [`const userId = event.topic;`, []],
] as const)(
  "the check finds that in %s, the identifiers %j name a domain or an event type",
  ([text, expected]) => {
    expect(domainNamesIn(text, ALLOWED["log"] ?? new Set())).toEqual(expected);
  },
);

describe.for(Object.entries(ALLOWED))("server/%s", ([folder, allowed]) => {
  test.for(filesIn(folder, ".ts"))("%s names no domain and no event type", (file) => {
    expect(domainNamesIn(readFileSync(join(SERVER, file), "utf8"), allowed)).toEqual([]);
  });
});
