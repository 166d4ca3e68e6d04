// Users who lost their connections and resume. The request to prepare records their cursors and sends
// messages to each room. The request to resume reconnects all of them together.
import { pause, serveParent } from "../child.ts";
import type { Crowd } from "../people.ts";
import { connect, isNumbered } from "../speakers/connect.ts";
import { graphqlSpeaker, parleyDialect } from "../speakers/graphql.ts";
import { socketIoSpeaker } from "../speakers/socket-io.ts";
import { markedBody, type OnDelivery } from "../speakers/speaker.ts";

export interface ResumeRequest {
  language: "parley" | "socket-io";
  url: string;
  crowd: Crowd;
  /** Number of messages that each user misses. */
  missed: number;
}

export interface ResumeResult {
  /** Seconds from the first attempt until half of them, and all of them, were current. */
  half: number;
  all: number;
  wrong: number;
}

const LIMIT_MS = 60_000;

/** The position at which the users left: a cursor, or the id of the last message. */
let place = "";
let prepared: ResumeRequest | null = null;

async function prepare(request: ResumeRequest): Promise<void> {
  prepared = request;
  place = await (request.language === "parley" ? cursorOf(request) : lastIdOf(request));
  const rooms = [...new Set(request.crowd.rooms)];
  await Promise.all(rooms.map((room) => tell(request, room)));
}

/** Returns the log position at which a stream starts: the same for all. */
async function cursorOf({ url, crowd }: ResumeRequest): Promise<string> {
  let cursor = "";
  const dialect = parleyDialect(crowd.tokens[0] ?? "", crowd.rooms[0] ?? "");
  const onReady = (frame: string): void => {
    cursor = /"cursor":"([^"]+)"/.exec(frame)?.[1] ?? "";
  };
  const speaker = await graphqlSpeaker(url, { ...dialect, onReady }, () => undefined);
  speaker.close();
  if (cursor === "") throw new Error("A stream began without a cursor");
  return cursor;
}

/** Returns the id of a message in an empty room. */
async function lastIdOf({ url }: ResumeRequest): Promise<string> {
  const id = await new Promise<number>((resolve, reject) => {
    socketIoSpeaker(url, "nobody's", resolve)
      .then(async (speaker) => {
        await speaker.send(markedBody(0));
        speaker.close();
      })
      .catch(reject);
  });
  return String(id);
}

/** Sends the missed messages to the room. */
async function tell(request: ResumeRequest, room: string): Promise<void> {
  const { language, url, crowd, missed } = request;
  const member = crowd.rooms.indexOf(room);
  const speaker = await connect(language, url, crowd, member, () => undefined);
  for (let count = 0; count < missed; count += 1) await speaker.send(markedBody(count));
  speaker.close();
}

async function resume({ language, url, crowd, missed }: ResumeRequest): Promise<ResumeResult> {
  let wrong = 0;
  const current: number[] = [];
  const counts = new Map<number, number>();
  const began = performance.now();
  const speakers = await Promise.all(
    crowd.rooms.map((room, index) => {
      let last = 0;
      const listen: OnDelivery = (seq) => {
        if (isNumbered(language) && last !== 0 && seq !== last + 1) wrong += 1;
        last = seq;
        const count = (counts.get(index) ?? 0) + 1;
        counts.set(index, count);
        if (count === missed) current.push((performance.now() - began) / 1_000);
      };
      return language === "parley"
        ? graphqlSpeaker(url, parleyDialect(crowd.tokens[index] ?? "", room, place), listen)
        : socketIoSpeaker(url, room, listen, Number(place));
    }),
  );
  while (current.length < speakers.length && performance.now() < began + LIMIT_MS) await pause(5);
  // Any later message is a duplicate.
  await pause(200);
  for (const index of crowd.rooms.keys()) wrong += Math.abs(missed - (counts.get(index) ?? 0));
  for (const speaker of speakers) speaker.close();
  return {
    half: current[Math.floor(current.length / 2)] ?? Number.NaN,
    all: current.at(-1) ?? Number.NaN,
    wrong,
  };
}

serveParent<ResumeRequest | { resume: string }>(async (message) => {
  if (!("resume" in message)) return prepare(message);
  if (prepared === null) throw new Error("The users have not connected before");
  return resume({ ...prepared, url: message.resume });
});
