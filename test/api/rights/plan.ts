import { randomUUID } from "node:crypto";
import type { TestClient } from "../../kit/client.ts";
import type { Variables } from "../../kit/socket.ts";
import type { Cast } from "./cast.ts";
import { IN_CONVERSATIONS } from "./in-conversations.ts";
import type { Place } from "./place.ts";
import { ELSEWHERE, PLACES } from "./sections.ts";
import type { Row } from "./table.ts";
import { outcomeOf } from "./words.ts";

/** What the tables write where there can be no such thing. */
export const NONE = "–";

/** A cell of the table that can be asked: who, and with what input. */
export interface Question {
  row: Row;
  column: string;
  client: TestClient;
  input: Variables | null;
}

/** Whether nothing is to come of a cell, so that it changes nothing and can share its place with others. */
export const isRefused = (expected: string | undefined): boolean => expected !== "yes";

/** What the code can ask in a section: `mutation | what`. */
export function knownRows(section: string): string[] {
  const cases: Record<string, Record<string, unknown>> = PLACES[section]?.cases ??
  ELSEWHERE[section] ??
  {};
  return Object.entries(cases).flatMap(([mutation, byWhat]) =>
    Object.keys(byWhat).map((what) => `${mutation} | ${what}`),
  );
}

/** How many cells are prepared at the same time. */
const PREPARED_AT_ONCE = 8;

/** What is done to things in a place, and to the place itself not: many can do so in one. */
const sharesPlace = (row: Row): boolean => (row.keys[0] ?? "") in IN_CONVERSATIONS;

/** The cells of rows in one place, as far as they can share it, made while it was open; it is settled then. */
export interface Shared {
  refused: Question[];
  allowed: Question[];
  /** Where there can be no such thing. */
  impossible: [Row, string][];
  /** What would change the place for the others, and has to have one of its own. */
  apart: [Row, string][];
}

/** Prepares as many cells of rows as can share a place, and settles it. */
export async function questionsIn(place: Place, rows: readonly Row[]): Promise<Shared> {
  const shared: Shared = { refused: [], allowed: [], impossible: [], apart: [] };
  const prepare = async (row: Row, column: string, refused: boolean): Promise<void> => {
    // What is done to a message must not be found done by who asks next.
    const question = await questionIn(refused ? place : place.fork(), row, column);
    if (question === null) shared.impossible.push([row, column]);
    else (refused ? shared.refused : shared.allowed).push(question);
  };
  const jobs: (() => Promise<void>)[] = [];
  for (const row of rows) {
    for (const [column, expected] of row.cells) {
      const refused = isRefused(expected);
      if (refused || sharesPlace(row)) jobs.push(() => prepare(row, column, refused));
      else shared.apart.push([row, column]);
    }
  }
  await inTurns(PREPARED_AT_ONCE, jobs);
  await place.settle();
  return shared;
}

async function questionIn(place: Place, row: Row, column: string): Promise<Question | null> {
  const [mutation = "", what = ""] = row.keys;
  const prepare = PLACES[row.section]?.cases[mutation]?.[what];
  if (prepare === undefined) throw new Error(`nothing prepares ${mutation} | ${what}`);
  const person = await place.person(column);
  const input = await prepare(place, column);
  return input === null ? null : { row, column, client: await person.client(), input };
}

/** One cell in a place of its own, or about no place. Null where there can be no such thing. @param anyone a client without a session */
export async function questionApart(
  cast: Cast,
  anyone: TestClient,
  row: Row,
  column: string,
): Promise<Question | null> {
  const kind = PLACES[row.section];
  if (kind === undefined) return questionElsewhere(cast, anyone, row, column);
  const place = await kind.open(cast);
  const question = await questionIn(place, row, column);
  await place.settle();
  return question;
}

/** A cell of a section that is about no place. @param anyone a client without a session */
async function questionElsewhere(
  cast: Cast,
  anyone: TestClient,
  row: Row,
  column: string,
): Promise<Question> {
  const [mutation = "", what = ""] = row.keys;
  const prepare = ELSEWHERE[row.section]?.[mutation]?.[what];
  if (prepare === undefined) throw new Error(`nothing prepares ${mutation} | ${what}`);
  const { by, input } = await prepare(cast, column);
  return { row, column, client: by === null ? anyone : await by.client(), input };
}

/** What comes of it, in the words of the table. */
export function ask({ row, client, input }: Question): Promise<string> {
  return outcomeOf(client, row.keys[0] ?? "", input);
}

/** The ids in an input, each replaced by one of nothing of that kind. */
export function ofNothing(input: unknown): unknown {
  if (Array.isArray(input)) return input.map(ofNothing);
  if (typeof input === "object" && input !== null) {
    return Object.fromEntries(Object.entries(input).map(([key, value]) => [key, ofNothing(value)]));
  }
  const kind = typeof input === "string" ? kindOf(input) : null;
  return kind === null ? input : idOfNothing(kind);
}

/** A well-formed id of a kind, of nothing that there is. */
export function idOfNothing(kind: string, uuid: string = randomUUID()): string {
  return Buffer.from(`${kind}:${uuid}`).toString("base64");
}

/** The kind that a global id names; null for what is none. */
export function kindOf(text: string): string | null {
  const match = /^([A-Z]\w+):[0-9a-f-]{36}$/.exec(Buffer.from(text, "base64").toString());
  return match?.[1] ?? null;
}

/** Does several things, at most so many at once. */
export async function inTurns(most: number, jobs: readonly (() => Promise<void>)[]): Promise<void> {
  const left = [...jobs];
  const worker = async (): Promise<void> => {
    for (let job = left.shift(); job !== undefined; job = left.shift()) await job();
  };
  await Promise.all(Array.from({ length: most }, worker));
}
