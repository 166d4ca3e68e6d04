import { setTimeout as delay } from "node:timers/promises";
import type { Deployment } from "./deployment.ts";
import { FAULTS, type Fault } from "./faults.ts";
import type { History } from "./history.ts";
import type { Load } from "./load.ts";
import type { Crowd } from "./people.ts";
import { between, randomFor, type Random } from "./random.ts";

/** Maximum time for clients to become current again, in milliseconds. */
const HEAL_LIMIT_MS = 30_000;

export interface DriverParts {
  seed: number;
  history: History;
  deployment: Deployment;
  crowd: Crowd;
  load: Load;
  /** Bounds of a fault's duration, in milliseconds. */
  holdMs: readonly [number, number];
  /** Bounds of the quiet time between two rounds, in milliseconds. */
  quietMs: readonly [number, number];
  /** Only faults with these names; all by default. */
  only: readonly string[] | undefined;
  say: (line: string) => void;
}

/**
 * Injects faults in rounds of one to three at about the same time, until the time is over. After each
 * round, it measures the time from the end of the last fault until all clients have received a message
 * sent after it.
 */
export async function driveFaults(parts: DriverParts, endsAt: number): Promise<void> {
  const random = randomFor(parts.seed, "faults");
  const faults = FAULTS.filter(({ name }) => parts.only?.includes(name) ?? true);
  if (faults.length === 0)
    throw new Error(`There are: ${FAULTS.map(({ name }) => name).join(", ")}`);
  // Each fault is alone once before any is repeated; later rounds mix them.
  let alone = random.shuffled(faults);
  for (let round = 0; performance.now() < endsAt; round += 1) {
    const next = round % 2 === 0 ? alone.shift() : undefined;
    if (alone.length === 0) alone = random.shuffled(faults);
    await inRound(next === undefined ? pickSeveral(faults, random) : [next], round, parts);
    await delay(between(random, ...parts.quietMs));
  }
}

function pickSeveral(faults: readonly Fault[], random: Random): Fault[] {
  const chosen: Fault[] = [];
  const wanted = between(random, 2, 3);
  for (const fault of random.shuffled(faults)) {
    if (chosen.length === wanted) break;
    if (chosen.every(({ victim }) => victim !== fault.victim)) chosen.push(fault);
  }
  return chosen;
}

async function inRound(chosen: readonly Fault[], round: number, parts: DriverParts): Promise<void> {
  const { seed, history, deployment, crowd, holdMs, say } = parts;
  const names = chosen.map(({ name }) => name);
  const restoring: Promise<void>[] = [];
  let endedAt = performance.now();
  await Promise.all(
    chosen.map(async (fault, index) => {
      // A separate random source, so that their speed does not affect the choices.
      const random = randomFor(seed, `round ${round}, ${fault.name}`);
      if (index > 0) await delay(random.below(holdMs[1]));
      history.add({ kind: "fault", name: fault.name, phase: "begins" });
      const hold = (): Promise<void> => delay(between(random, ...holdMs));
      const left: (() => Promise<void>)[] = [];
      const afterwards = (work: () => Promise<void>): void => void left.push(work);
      await fault.run({ deployment, devices: crowd.devices, random, hold, afterwards });
      history.add({ kind: "fault", name: fault.name, phase: "ends" });
      endedAt = performance.now();
      restoring.push(...left.map((work) => work()));
    }),
  );
  await current(parts);
  const took = Math.round(performance.now() - endedAt);
  history.add({ kind: "healed", faults: names, took });
  say(`${names.join(" + ")}: current again after ${took} ms`);
  await Promise.all(restoring);
}

/**
 * Resolves when a message sent now was acknowledged and has reached all clients.
 *
 * @throws after more than half a minute
 */
export async function current({ crowd, load, seed }: DriverParts): Promise<void> {
  // The SDK does not return the log position of a message.
  const speaker = crowd.devices.find(
    ({ person, through }) => person === crowd.host && through !== "sdk",
  );
  if (speaker === undefined) throw new Error("the crowd has no device");
  const random = randomFor(seed, `probe ${performance.now()}`);
  const late = new AbortController();
  const limit = delay(HEAL_LIMIT_MS, undefined, { signal: late.signal }).then(() => "late");
  limit.catch(() => undefined);
  const probe = async (): Promise<string> => {
    const said = await load.say(speaker, crowd.square, random, "Is every client connected?");
    if (said?.position === undefined) throw new Error("the probe was refused");
    const { position } = said;
    await Promise.all(crowd.devices.map(({ listener }) => listener.recorder.reaches(position)));
    return "current";
  };
  try {
    if ((await Promise.race([probe(), limit])) === "late")
      throw new Error(`not every client was current again within ${HEAL_LIMIT_MS} ms`);
  } finally {
    late.abort();
  }
}
