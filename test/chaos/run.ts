import { check, type Violation } from "./checker.ts";
import { deploy, PRESENCE_GRACE_MS, type Deployment } from "./deployment.ts";
import { current, driveFaults, type DriverParts } from "./driver.ts";
import { eventually } from "../kit/eventually.ts";
import { History, type Entry } from "./history.ts";
import { randomFor } from "./random.ts";
import { Load } from "./load.ts";
import { actFor, gatherCrowd, type Crowd } from "./people.ts";
import { askPresence, askUnread, readLog, readWhole } from "./questions.ts";
import { Visits } from "./visitors.ts";
import { failureList, healTimes, type HealTimes } from "./report.ts";

export interface ChaosOptions {
  seed: number;
  /** Duration of the faults, in seconds. */
  seconds: number;
  /** Number of instances, at least two. */
  instances: number;
  /** Number of users. */
  people?: number;
  /** File for the history, one JSON object per line. */
  historyFile: string;
  /** Only faults with these names; all by default. */
  only?: readonly string[] | undefined;
  /** Bounds of a fault's duration, in milliseconds. */
  holdMs?: readonly [number, number];
  /** Further settings of the instances. */
  env?: Record<string, string>;
  say: (line: string) => void;
}

export interface ChaosResult {
  violations: readonly Violation[];
  heals: readonly HealTimes[];
  counts: { happenings: number; messages: number; failures: string };
}

const ROOMS = 4;

/** Runs users and faults, then reads everything and judges it. `releaseAll` stops everything started. */
export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const { seed, say } = options;
  const history = new History(options.historyFile);
  const deployment = await deploy(Math.max(2, options.instances), history, options.env);
  const size = options.people ?? 12;
  const crowd = await gatherCrowd({ history, deployment, seed }, { size, rooms: ROOMS });
  say(`${crowd.devices.length} clients on ${deployment.instances.length} instances`);
  const cursor = await beginning(crowd, deployment);
  for (const { listener } of crowd.devices) listener.start(cursor);

  const parts = { seed, history, deployment, crowd };
  const load = new Load(parts);
  const visits = new Visits(parts, load);
  const driver: DriverParts = {
    ...parts,
    load,
    holdMs: options.holdMs ?? [200, 6_000],
    quietMs: [200, 1_500],
    only: options.only,
    say,
  };
  await current(driver);
  load.start();
  visits.start();
  try {
    await driveFaults(driver, performance.now() + options.seconds * 1_000);
    await Promise.all([load.stop(), visits.stop()]);
    await settle(driver);
  } catch (error) {
    // The earlier observations may reveal the cause.
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    history.add({ kind: "broke", instance: "the run", what });
    await Promise.allSettled([load.stop(), visits.stop()]);
    // Waits for slow clients, because a delayed event is not a missed one.
    await current(driver).catch(() => undefined);
  }
  for (const instance of deployment.instances) instance.lookForBugs();
  await readLog(deployment.postgres, history);
  // All clients stay until the judgement, because events that a present client did not receive are
  // missing.
  const violations = check(history.entries, { presenceGraceMs: PRESENCE_GRACE_MS });
  const { entries } = history;
  const messages = countOf(entries, "acknowledged");
  const counts = { happenings: entries.length, messages, failures: failureList(entries) };
  for (const { listener } of crowd.devices) await listener.stop();
  await history.close();
  return { violations, heals: healTimes(entries), counts };
}

function countOf(entries: readonly Entry[], kind: Entry["kind"]): number {
  return entries.filter((entry) => entry.kind === kind).length;
}

/** Returns the cursor at which all clients start. */
async function beginning({ host }: Crowd, { instances }: Deployment): Promise<string> {
  const [instance] = instances;
  if (instance === undefined) throw new Error("there is no instance");
  const { viewer } = await actFor(host, instance).query<{ viewer: { cursor: string } }>(
    "{ viewer { cursor } }",
  );
  return viewer.cursor;
}

/** After the faults, waits until all clients are current, and reads everything from every instance. */
async function settle(driver: DriverParts): Promise<void> {
  const { history, deployment, crowd, seed } = driver;
  await current(driver);
  const random = randomFor(seed, "settling");
  for (const person of [...crowd.people, ...crowd.visitors]) {
    const client = actFor(person, random.pick(deployment.instances));
    await askUnread({ person: person.id, client }, history);
  }
  for (const instance of deployment.instances) {
    const reader = { person: crowd.host.id, client: actFor(crowd.host, instance) };
    for (const room of [crowd.square, ...crowd.rooms])
      history.add(await readWhole(reader, instance.name, room, history));
    for (const visitor of crowd.visitors) {
      const isGone = async (): Promise<boolean> =>
        (await askPresence(reader, instance.name, visitor, history)) === "OFFLINE";
      // A user who appears online for longer is a ghost, which the checker reports.
      await eventually(isGone, { timeoutMs: PRESENCE_GRACE_MS + 1_000, intervalMs: 200 }).catch(
        () => undefined,
      );
    }
  }
}
