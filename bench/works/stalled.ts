import { pause, startClient } from "../child.ts";
import type { StalledRequest } from "../clients/stalled.ts";
import type { SteadyRequest, Window } from "../clients/steady.ts";
import type { Bench, Measurement, Work } from "../measurement.ts";
import { makeCrowd } from "../people.ts";
import { MEMORY_PROBE, startParley, type Program } from "../programs.ts";

const READERS = 1_000;
/** The other users, and the one who sends to the readers. */
const STAYING = 21;
/** Fewer and longer messages fill the buffers of connections quickly. */
const BUSY = { pace: 10, length: 8_000 };
const STEADY = { members: STAYING - 1, pace: 50 };
const BEFORE_SECONDS = 8;
/** Maximum time until the last of them is closed. */
const LIMIT_SECONDS = 60;
const LOOK_MS = 50;
const MIB = 1_048_576;

export const STALLED: Work = {
  name: "stalled",
  description: `${READERS.toLocaleString("en")} users are in a room with ${String(BUSY.pace)} messages of ${BUSY.length.toLocaleString("en")} characters per second, and stop reading without disconnecting. Meanwhile, ${String(STEADY.members)} others in a separate room send ${String(STEADY.pace)} messages per second. Measured: the delivery time of the others' messages to the last member, first while the ${READERS.toLocaleString("en")} read, then until the last of their sockets is closed. Unread is the maximum that the server holds for one of these sockets, and for all together (from /metrics). Resident is the growth of the whole process until then.`,
  columns: [
    { key: "before50", title: "others before p50, ms", digits: 1 },
    { key: "before99", title: "p99, ms", digits: 1 },
    { key: "during50", title: "during p50, ms", digits: 1 },
    { key: "during99", title: "p99, ms", digits: 1 },
    { key: "largest", title: "maximum unread of one, MiB", digits: 2 },
    { key: "each", title: "maximum unread, MiB per socket", digits: 2 },
    { key: "resident", title: "resident, MiB per socket", digits: 2 },
    { key: "closed", title: "closed after, s", digits: 1 },
  ],
  compared: null,
  run: async function* (bench) {
    yield measure(bench);
  },
};

async function measure(bench: Bench): Promise<Measurement> {
  const server = await startParley({ DATABASE_URL: bench.databaseUrl }, MEMORY_PROBE);
  const busy = startClient("stalled");
  const others = startClient("steady");
  try {
    const { url } = server;
    // One more user, who sends.
    const crowd = await makeCrowd(bench.databaseUrl, READERS + 1, 1);
    await busy.ask({ language: "parley", url, crowd, ...BUSY } satisfies StalledRequest);
    const few = await makeCrowd(bench.databaseUrl, STEADY.members, 1);
    const steady = { language: "parley", url, crowd: few, pace: STEADY.pace } as const;
    await others.ask(steady satisfies SteadyRequest);
    await pause(1_000);
    await others.ask<Window>("window");
    await pause(BEFORE_SECONDS * 1_000);
    const before = await others.ask<Window>("window");
    const { resident } = await server.memory();
    await others.ask<Window>("window");
    await busy.ask("stop reading");
    const held = await untilClosed(server);
    const during = await others.ask<Window>("window");
    const { wrong } = await others.ask<Window>("stop");
    return {
      program: "parley",
      figures: {
        ...{ before50: before.p50, before99: before.p99 },
        ...{ during50: during.p50, during99: during.p99 },
        largest: held.largest / MIB,
        each: held.total / MIB / READERS,
        resident: (held.resident - resident) / MIB / READERS,
        closed: held.seconds,
      },
      wrong,
    };
  } finally {
    await Promise.all([busy.stop(), others.stop()]);
    await server.stop();
  }
}

/** Measures the maximum of held memory until the last slow reader was closed. */
async function untilClosed(
  server: Program,
): Promise<{ largest: number; total: number; resident: number; seconds: number }> {
  const began = performance.now();
  const most = { largest: 0, total: 0, resident: 0 };
  for (;;) {
    const figures = await (await fetch(`${server.url}/metrics`)).text();
    const figure = (name: string): number =>
      Number(new RegExp(`^${name} (\\S+)$`, "m").exec(figures)?.[1]);
    most.largest = Math.max(most.largest, figure("parley_unread_bytes_max"));
    most.total = Math.max(most.total, figure("parley_unread_bytes"));
    most.resident = Math.max(most.resident, figure("process_resident_memory_bytes"));
    const seconds = (performance.now() - began) / 1_000;
    if (figure("parley_sockets") <= STAYING) return { ...most, seconds };
    if (seconds > LIMIT_SECONDS)
      throw new Error("The readers that stopped reading were not closed");
    await pause(LOOK_MS);
  }
}
