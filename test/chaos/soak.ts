import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { eventually } from "../kit/eventually.ts";
import { metricOf } from "../kit/metrics.ts";
import { deploy, type Instance } from "./deployment.ts";
import { History } from "./history.ts";
import { Pace, SoakCrowd } from "./soak-crowd.ts";
import { percentile } from "./report.ts";

export interface SoakOptions {
  seed: number;
  /** Duration after the capacity is measured, in seconds. */
  seconds: number;
  instances: number;
  people: number;
  say: (line: string) => void;
}

/** The resources of an instance at one moment, after a garbage collection. */
interface Sample {
  at: number;
  /** Bytes of JavaScript's heap and its buffers. */
  heap: number;
  resident: number;
  /** Open files and connections of its process. */
  handles: number;
  sockets: number;
  streams: number;
  signals: number;
}

/** Whether the last third of the run holds more than the middle third. */
export interface Flatness {
  what: string;
  middle: number;
  last: number;
  isFlat: boolean;
}

export interface SoakResult {
  /** Acknowledged messages per second with all users sending as fast as they can. */
  capacity: number;
  messages: number;
  flatness: readonly Flatness[];
  /** Resources left open after all users have disconnected, and failures; empty if all is well. */
  leaks: readonly string[];
}

/** Duration of the capacity measurement, in milliseconds. */
const RAMP_MS = 15_000;
/** Samples of a whole run. */
const SAMPLES = 60;
const LEAST_EVERY_MS = 2_000;
/** Allowed growth from the middle to the last third: the usual fluctuation. */
const SLACK = { heap: 3 * 1_048_576, handles: 8, streams: 8 };
const GROWTH = 1.05;
const GONE_LIMIT_MS = 60_000;

/** Runs users who connect, talk at half capacity and disconnect, and checks that no resource grows. */
export async function soak(options: SoakOptions): Promise<SoakResult> {
  const { say } = options;
  const history = new History(join(tmpdir(), `parley-soak-${options.seed}.jsonl`));
  const probe = pathToFileURL(join(import.meta.dirname, "soak-probe.mjs")).href;
  const { instances } = await deploy(options.instances, history, {
    NODE_OPTIONS: `--import=${probe} --max-semi-space-size=64`,
    // The default value, because this run checks no presence.
    PRESENCE_TTL_SECONDS: "30",
  });
  const pace = new Pace();
  const crowd = await SoakCrowd.gather({ ...options, deployment: instances, pace });
  crowd.start();
  await delay(RAMP_MS / 3);
  const before = crowd.messages;
  await delay((RAMP_MS * 2) / 3);
  const capacity = (crowd.messages - before) / ((RAMP_MS * 2) / 3_000);
  pace.perSecond = capacity / 2;
  say(`capacity ${capacity.toFixed(0)} messages/s, half of that from now on`);

  const samples = await sampleFor(options.seconds * 1_000, instances, say);
  await crowd.stop();
  const leaks = await leftOpen(instances);
  for (const instance of instances) instance.lookForBugs();
  for (const entry of history.entries)
    if (entry.kind === "broke") leaks.push(`${entry.instance}: ${entry.what}`);
  leaks.push(...crowd.problems);
  await history.close();
  return { capacity, messages: crowd.messages, flatness: judge(samples), leaks };
}

async function sampleFor(
  milliseconds: number,
  instances: readonly Instance[],
  say: (line: string) => void,
): Promise<Map<string, Sample[]>> {
  const began = performance.now();
  const every = Math.max(LEAST_EVERY_MS, milliseconds / SAMPLES);
  const samples = new Map<string, Sample[]>();
  while (performance.now() - began < milliseconds) {
    await delay(every);
    for (const instance of instances) {
      const sample = await sampleOf(instance, performance.now() - began);
      const own = samples.get(instance.name) ?? [];
      samples.set(instance.name, [...own, sample]);
      if (own.length % 10 === 0) say(`${instance.name}: ${shown(sample)}`);
    }
  }
  return samples;
}

async function sampleOf(instance: Instance, at: number): Promise<Sample> {
  const [heap, resident] = await instance.memory();
  const figure = (name: string): Promise<number> => metricOf(instance, `parley_${name}`);
  const [sockets, streams, signals] = await Promise.all([
    figure("sockets"),
    figure("streams"),
    figure("signals"),
  ]);
  // Only Linux has `/proc`.
  const handles = (await readdir(`/proc/${instance.pid}/fd`).catch(() => [])).length;
  return { at, heap, resident, handles, sockets, streams, signals };
}

const mib = (bytes: number): string => `${(bytes / 1_048_576).toFixed(1)} MiB`;

function shown({ heap, resident, handles, sockets, streams, signals }: Sample): string {
  return `heap ${mib(heap)}, resident ${mib(resident)}, ${handles} handles, ${sockets} sockets, ${streams} streams, ${signals} signals`;
}

/** Compares the medians of the middle and the last third. */
function judge(samples: ReadonlyMap<string, readonly Sample[]>): Flatness[] {
  return [...samples].flatMap(([name, own]) => {
    const third = Math.floor(own.length / 3);
    const of = (from: number, key: keyof typeof SLACK): number =>
      percentile(
        own.slice(from, from + third).map((sample) => sample[key]),
        0.5,
      );
    return (["heap", "handles", "streams"] as const).map((key): Flatness => {
      const [middle, last] = [of(third, key), of(own.length - third, key)];
      const isFlat = last <= middle * GROWTH + SLACK[key];
      return { what: `${name}: ${key}`, middle, last, isFlat };
    });
  });
}

/** Returns the resources that instances hold after all users have disconnected. */
async function leftOpen(instances: readonly Instance[]): Promise<string[]> {
  const left: string[] = [];
  for (const instance of instances) {
    for (const name of ["sockets", "streams", "signals", "subscribers", "groups", "operations"]) {
      const isNone = async (): Promise<void> => {
        const value = await metricOf(instance, `parley_${name}`);
        if (value > 0) throw new Error(`${instance.name} still has ${value} ${name}`);
      };
      await eventually(isNone, { timeoutMs: GONE_LIMIT_MS, intervalMs: 500 }).catch(
        (error: unknown) => left.push(String(error)),
      );
    }
  }
  return left;
}

/** Formats the result as a table. */
export function soakTable({ capacity, messages, flatness, leaks }: SoakResult): string {
  const lines = flatness.map(({ what, middle, last, isFlat }) => {
    const value = (number: number): string =>
      (what.endsWith("heap") ? mib(number) : String(number)).padStart(12);
    return `${what.padEnd(24)}${value(middle)}${value(last)}  ${isFlat ? "flat" : "GROWS"}`;
  });
  return [
    `capacity ${capacity.toFixed(0)} messages/s, ${messages} acknowledged in all`,
    `${"median of the".padEnd(24)}${"middle third".padStart(12)}${"last third".padStart(12)}`,
    ...lines,
    leaks.length === 0 ? "Nothing was left open." : leaks.join("\n"),
  ].join("\n");
}
