import {
  buildClientSchema,
  getIntrospectionQuery,
  type GraphQLSchema,
  type IntrospectionQuery,
} from "graphql";
import { beforeAll, describe, expect, test } from "vitest";
import { client, type TestClient } from "../kit/client.ts";
import { createDatabase } from "../kit/database.ts";
import type { Actor } from "../kit/seed.ts";
import { startServer, type TestServer } from "../kit/server.ts";
import { gather, type Cast } from "./rights/cast.ts";
import type { Place } from "./rights/place.ts";
import { NONE } from "./rights/plan.ts";
import { PLACES } from "./rights/sections.ts";
import { IN_PLACES, outcomeOfRead, type ReadCase } from "./rights/seeing.ts";
import { ABOUT_PEOPLE } from "./rights/seeing-elsewhere.ts";
import { differences, readTables, type Row } from "./rights/table.ts";
import { stateOutcomes, STREAMS, watchersOf, type Outcomes } from "./rights/watching.ts";

const FILE = "who-may-see-what.md";
const ROWS = await readTables(FILE, 2);
const PEOPLE = "About users and the server";
/** The subscriptions that belong to no place. */
const OWN_STREAMS = ["presence | a person", "ownMarks | their own"];

let server: TestServer;
let anyone: TestClient;
let cast: Cast;
let schema: GraphQLSchema;

beforeAll(async () => {
  server = await startServer({ databaseUrl: (await createDatabase()).url });
  anyone = client(server);
  cast = await gather(server);
  schema = buildClientSchema(await anyone.query<IntrospectionQuery>(getIntrospectionQuery()));
});

const rowsOf = (section: string): Row[] => ROWS.filter((row) => row.section === section);
const nameOf = (row: Row): string => row.keys.join(" | ");
const isStream = (row: Row): boolean => nameOf(row) in STREAMS || OWN_STREAMS.includes(nameOf(row));

/** Returns all columns of a section with their viewers; null is the stranger. */
async function viewersOf(
  section: string,
  person: (name: string) => Promise<Actor>,
): Promise<Map<string, Actor | null>> {
  const columns = new Set(rowsOf(section).flatMap((row) => [...row.cells.keys()]));
  const viewers = new Map<string, Actor | null>();
  for (const column of columns)
    viewers.set(column, column === "stranger" ? null : await person(column));
  return viewers;
}

async function outcomesOf(
  read: ReadCase | null,
  viewers: ReadonlyMap<string, Actor | null>,
): Promise<Outcomes> {
  const outcomes: Outcomes = new Map();
  await Promise.all(
    [...viewers].map(async ([column, person]) => {
      const viewerClient = person === null ? anyone : await person.client();
      outcomes.set(column, read === null ? NONE : await outcomeOfRead(viewerClient, read));
    }),
  );
  return outcomes;
}

describe(`every readable part of the schema has a row in ${FILE}`, () => {
  const expectRows = (names: readonly string[], rows: readonly string[]): void => {
    const missing = names.filter((name) => !rows.includes(name));
    expect(missing, `add to rights/seeing.ts or watching.ts, and to rights/${FILE}`).toEqual([]);
  };
  const named = (): string[] => ROWS.map(({ keys: [name = ""] }) => name);

  test("root fields", () => {
    const fields = Object.keys(schema.getQueryType()?.getFields() ?? {});
    // The rows of `node` also cover `nodes`.
    expectRows(
      fields.filter((name) => name !== "nodes"),
      named(),
    );
  });

  test("types with an id", () => {
    const type = schema.getType("Node");
    if (type === undefined || !("resolveType" in type)) throw new Error("there is no Node");
    const types = schema.getPossibleTypes(type).map(({ name }) => name);
    const nodes = ROWS.filter(({ keys }) => keys[0] === "node").map(({ keys }) => keys[1] ?? "");
    expectRows(types, nodes);
  });

  test("subscriptions", () => {
    expectRows(Object.keys(schema.getSubscriptionType()?.getFields() ?? {}), named());
  });

  test("and each row names an existing part", () => {
    const reads: Record<string, Record<string, unknown>>[] = [IN_PLACES, ABOUT_PEOPLE];
    const known = [
      ...reads.flatMap((some) =>
        Object.entries(some).flatMap(([name, byWhat]) =>
          Object.keys(byWhat).map((what) => `${name} | ${what}`),
        ),
      ),
      ...Object.keys(STREAMS),
      ...OWN_STREAMS,
    ];
    expectRows(known, ROWS.map(nameOf));
    expect(ROWS.map(nameOf).filter((name) => !known.includes(name))).toEqual([]);
  });
});

const SECTIONS = Object.entries(PLACES).filter(([section]) => rowsOf(section).length > 0);

describe.for(SECTIONS)("%s", ([section, { open }]) => {
  let place: Place;
  let after: string;
  let viewers: Map<string, Actor | null>;
  const reads = new Map<Row, ReadCase | null>();

  beforeAll(async () => {
    const { viewer } = await cast.administrator.query<{ viewer: { cursor: string } }>(
      "{ viewer { cursor } }",
    );
    after = viewer.cursor;
    place = await open(cast);
    viewers = await viewersOf(section, (name) => place.person(name));
    const [fellow, blocked] = [await place.person("fellow"), cast.person("blocked")];
    await blocked.signsUp();
    await fellow.blocks(blocked);
    for (const row of rowsOf(section)) {
      const [name = "", what = ""] = row.keys;
      const prepare = IN_PLACES[name]?.[what];
      if (prepare !== undefined) reads.set(row, await prepare(place));
    }
    await place.settle();
  });

  test.for(rowsOf(section).map((row) => [nameOf(row), row] as const))("%s", async ([name, row]) => {
    const watch = STREAMS[name];
    const found =
      watch === undefined
        ? await outcomesOf(reads.get(row) ?? null, viewers)
        : await watch(place, await watchersOf(server, viewers), after);
    expect(differences(row, found)).toEqual([]);
  });
});

describe(PEOPLE, () => {
  let shown: Actor;
  let viewers: Map<string, Actor | null>;

  beforeAll(async () => {
    shown = cast.person("shown");
    await shown.signsUp();
    viewers = await viewersOf(PEOPLE, async (name) => {
      const person =
        name === "themselves"
          ? shown
          : name === "administrator"
            ? cast.administrator
            : cast.person(name);
      await person.signsUp();
      return person;
    });
    await shown.blocks(cast.person("blocked"));
  });

  test.for(rowsOf(PEOPLE).map((row) => [nameOf(row), row] as const))("%s", async ([name, row]) => {
    const [field = "", what = ""] = row.keys;
    const prepare = ABOUT_PEOPLE[field]?.[what];
    if (prepare !== undefined) {
      const found = await outcomesOf(await prepare(cast, shown), viewers);
      expect(differences(row, found)).toEqual([]);
      return;
    }
    expect(isStream(row)).toBe(true);
    const watchers = await watchersOf(server, viewers);
    const found = name.startsWith("presence")
      ? await stateOutcomes(
          watchers,
          "subscription($ids: [ID!]!) { presence(userIds: $ids) { user { id } } }",
          { ids: [(await shown.signsUp()).user.id] },
        )
      : await ownMarksOf(watchers);
    expect(differences(row, found)).toEqual([]);
  });

  /** Watches each viewer's own marks while `shown` reads: only that user's stream may report it. */
  async function ownMarksOf(watchers: Awaited<ReturnType<typeof watchersOf>>): Promise<Outcomes> {
    const notes = await shown.opensDirect();
    await shown.says(notes, "a note");
    const query = "subscription { ownMarks { conversationId } }";
    const outcomes: Outcomes = new Map();
    for (const [column, socket] of watchers) {
      const stream = socket.subscribe<{ conversationId: string }>(query);
      const person = viewers.get(column);
      if (person === null || person === undefined) {
        const { errors } = await stream.ended;
        outcomes.set(column, String(errors?.[0]?.extensions?.code).toLowerCase());
        continue;
      }
      const own = await person.opensDirect();
      const { seq } = await person.says(own, "a note of mine");
      // The stream sends nothing before it has started.
      await expect
        .poll(async () => {
          await shown.unreads(notes, 1);
          await shown.reads(notes, 1);
          await person.unreads(own, seq);
          await person.reads(own, seq);
          return stream.all.some(({ conversationId }) => conversationId === own.id);
        })
        .toBe(true);
      const sees = stream.all.some(({ conversationId }) => conversationId === notes.id);
      outcomes.set(column, sees ? "yes" : "nothing");
      stream.complete();
    }
    return outcomes;
  }
});
