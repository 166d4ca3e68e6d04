import { pause, startClient, type ClientProcess } from "../child.ts";
import type { ResumeRequest, ResumeResult } from "../clients/resume.ts";
import type { SteadyRequest, Window } from "../clients/steady.ts";
import type { Bench, Measurement, Work } from "../measurement.ts";
import { makeCrowd } from "../people.ts";
import { startParley, startPeer, type Program } from "../programs.ts";

const PEOPLE = 1_000;
const ROOMS = 5;
const MISSED = 200;
const STEADY = { members: 20, pace: 50 };
/** Long enough for a meaningful 99th percentile. */
const BEFORE_SECONDS = 4;

type Language = ResumeRequest["language"];

/** The programs in turn; `restarts` means that the instance was restarted, so its memory is empty. */
const TURNS: { program: string; language: Language; restarts: boolean }[] = [
  { program: "parley", language: "parley", restarts: false },
  { program: "parley, restarted", language: "parley", restarts: true },
  { program: "socket-io", language: "socket-io", restarts: false },
];

export const RESUME: Work = {
  name: "resume",
  description: `${PEOPLE.toLocaleString("en")} users in ${String(ROOMS)} rooms reconnect together and catch up on ${String(MISSED)} missed messages each. Meanwhile, ${String(STEADY.members)} others in a separate room send ${String(STEADY.pace)} messages per second. Measured: the time until all users are current, and the delivery time of the others' messages to the last member, before and during the catch-up. Restarted: the instance was restarted in between. Socket.IO replays missed messages as documented, without authorization.`,
  columns: [
    { key: "half", title: "half of the users current, s", digits: 2 },
    { key: "all", title: "all current, s", digits: 2 },
    { key: "before50", title: "others before p50, ms", digits: 1 },
    { key: "before99", title: "p99, ms", digits: 1 },
    { key: "during50", title: "during p50, ms", digits: 1 },
    { key: "during99", title: "p99, ms", digits: 1 },
  ],
  compared: { key: "all", better: "less", to: "parley" },
  run: async function* (bench) {
    const turns = bench.profiling.length > 0 ? TURNS.slice(0, 1) : TURNS;
    for (const turn of turns) yield measure(bench, turn);
  },
};

async function measure(
  bench: Bench,
  { program, language, restarts }: (typeof TURNS)[number],
): Promise<Measurement> {
  const crowd = await makeCrowd(bench.databaseUrl, PEOPLE, ROOMS);
  let server = await start(bench, language);
  const people = startClient("resume");
  const others = startClient("steady");
  try {
    const request: ResumeRequest = { language, url: server.url, crowd, missed: MISSED };
    await people.ask<null>(request);
    if (restarts) {
      await server.stop();
      server = await start(bench, language);
    }
    const before = await begin(bench, others, language, server.url);
    const { half, all, wrong } = await people.ask<ResumeResult>({ resume: server.url });
    const during = await others.ask<Window>("window");
    const { wrong: othersWrong } = await others.ask<Window>("stop");
    return {
      program,
      figures: {
        ...{ half, all, before50: before.p50, before99: before.p99 },
        ...{ during50: during.p50, during99: during.p99 },
      },
      wrong: wrong + othersWrong,
    };
  } finally {
    await Promise.all([people.stop(), others.stop()]);
    await server.stop();
  }
}

/** Starts the steady traffic and returns its undisturbed delivery times. */
async function begin(
  bench: Bench,
  others: ClientProcess,
  language: Language,
  url: string,
): Promise<Window> {
  const crowd = await makeCrowd(bench.databaseUrl, STEADY.members, 1);
  await others.ask({ language, url, crowd, pace: STEADY.pace } satisfies SteadyRequest);
  await pause(1_000);
  await others.ask<Window>("window");
  await pause(BEFORE_SECONDS * 1_000);
  return others.ask<Window>("window");
}

function start({ databaseUrl, redisUrl, profiling }: Bench, language: Language): Promise<Program> {
  return language === "parley"
    ? startParley({ DATABASE_URL: databaseUrl }, profiling)
    : startPeer(language, { DATABASE_URL: databaseUrl, REDIS_URL: redisUrl });
}
