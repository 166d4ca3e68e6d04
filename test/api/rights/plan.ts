import { randomUUID } from "node:crypto";
import type { TestClient } from "../../kit/client.ts";
import type { Variables } from "../../kit/socket.ts";
import type { Cast } from "./cast.ts";
import { IN_CONVERSATIONS } from "./in-conversations.ts";
import type { Place } from "./place.ts";
import { ELSEWHERE, PLACES } from "./sections.ts";
import type { Row } from "./table.ts";
import { outcomeOf } from "./words.ts";

/** The cell of an impossible case. */
export const NONE = "–";

/** A testable cell of the table: client, mutation and input. */
export interface MutationCall {
  row: Row;
  column: string;
  client: TestClient;
  input: Variables | null;
}

/** Whether a cell expects a rejection, so that it changes nothing and can share its place. */
export const isRejected = (expected: string | undefined): boolean => expected !== "yes";

/** Returns the implemented cases of a section: `mutation | subject`. */
export function knownRows(section: string): string[] {
  const cases: Record<string, Record<string, unknown>> = PLACES[section]?.cases ??
  ELSEWHERE[section] ??
  {};
  return Object.entries(cases).flatMap(([mutation, byWhat]) =>
    Object.keys(byWhat).map((what) => `${mutation} | ${what}`),
  );
}

/** Number of cells prepared in parallel. */
const PREPARED_AT_ONCE = 8;

/** Mutations that change objects in a place but not the place itself can share it. */
const sharesPlace = (row: Row): boolean => (row.keys[0] ?? "") in IN_CONVERSATIONS;

/** The cells of rows that can share one place, prepared while it was open; then it is settled. */
export interface Shared {
  rejected: MutationCall[];
  allowed: MutationCall[];
  /** Impossible cases. */
  impossible: [Row, string][];
  /** Cases that would change the place for others and need a separate one. */
  apart: [Row, string][];
}

/** Prepares all cells of rows that can share a place, and settles it. */
export async function callsIn(place: Place, rows: readonly Row[]): Promise<Shared> {
  const shared: Shared = { rejected: [], allowed: [], impossible: [], apart: [] };
  const prepare = async (row: Row, column: string, rejected: boolean): Promise<void> => {
    // A changed message must not affect the next case.
    const call = await callIn(rejected ? place : place.fork(), row, column);
    if (call === null) shared.impossible.push([row, column]);
    else (rejected ? shared.rejected : shared.allowed).push(call);
  };
  const jobs: (() => Promise<void>)[] = [];
  for (const row of rows) {
    for (const [column, expected] of row.cells) {
      const rejected = isRejected(expected);
      if (rejected || sharesPlace(row)) jobs.push(() => prepare(row, column, rejected));
      else shared.apart.push([row, column]);
    }
  }
  await withConcurrency(PREPARED_AT_ONCE, jobs);
  await place.settle();
  return shared;
}

async function callIn(place: Place, row: Row, column: string): Promise<MutationCall | null> {
  const [mutation = "", what = ""] = row.keys;
  const prepare = PLACES[row.section]?.cases[mutation]?.[what];
  if (prepare === undefined) throw new Error(`nothing prepares ${mutation} | ${what}`);
  const person = await place.person(column);
  const input = await prepare(place, column);
  return input === null ? null : { row, column, client: await person.client(), input };
}

/**
 * Prepares one cell in a separate place, or without a place. Null if it is impossible. @param anyone a
 * client without a session
 */
export async function callApart(
  cast: Cast,
  anyone: TestClient,
  row: Row,
  column: string,
): Promise<MutationCall | null> {
  const kind = PLACES[row.section];
  if (kind === undefined) return callElsewhere(cast, anyone, row, column);
  const place = await kind.open(cast);
  const call = await callIn(place, row, column);
  await place.settle();
  return call;
}

/** Prepares a cell of a section without a place. @param anyone a client without a session */
async function callElsewhere(
  cast: Cast,
  anyone: TestClient,
  row: Row,
  column: string,
): Promise<MutationCall> {
  const [mutation = "", what = ""] = row.keys;
  const prepare = ELSEWHERE[row.section]?.[mutation]?.[what];
  if (prepare === undefined) throw new Error(`nothing prepares ${mutation} | ${what}`);
  const { by, input } = await prepare(cast, column);
  return { row, column, client: by === null ? anyone : await by.client(), input };
}

/** Returns the outcome in the words of the table. */
export function outcomeOfCall({ row, client, input }: MutationCall): Promise<string> {
  return outcomeOf(client, row.keys[0] ?? "", input);
}

/** Replaces each id in an input with one of a missing object of the same kind. */
export function withMissingIds(input: unknown): unknown {
  if (Array.isArray(input)) return input.map(withMissingIds);
  if (typeof input === "object" && input !== null) {
    return Object.fromEntries(
      Object.entries(input).map(([key, value]) => [key, withMissingIds(value)]),
    );
  }
  const kind = typeof input === "string" ? kindOf(input) : null;
  return kind === null ? input : missingId(kind);
}

/** Returns a well-formed id of a missing object of a kind. */
export function missingId(kind: string, uuid: string = randomUUID()): string {
  return Buffer.from(`${kind}:${uuid}`).toString("base64");
}

/** Returns the kind in a global id; null if it is invalid. */
export function kindOf(text: string): string | null {
  const match = /^([A-Z]\w+):[0-9a-f-]{36}$/.exec(Buffer.from(text, "base64").toString());
  return match?.[1] ?? null;
}

/** Runs jobs with limited parallelism. */
export async function withConcurrency(
  most: number,
  jobs: readonly (() => Promise<void>)[],
): Promise<void> {
  const left = [...jobs];
  const worker = async (): Promise<void> => {
    for (let job = left.shift(); job !== undefined; job = left.shift()) await job();
  };
  await Promise.all(Array.from({ length: most }, worker));
}
