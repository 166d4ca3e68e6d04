import { randomUUID } from "node:crypto";
import type { Actor } from "../../kit/seed.ts";
import { connect, type Endpoint, type Socket, type Variables } from "../../kit/socket.ts";
import type { Stream } from "../../kit/inbox.ts";
import { RoomPlace, type Place } from "./place.ts";
import { outcomeOf, wordOf } from "./words.ts";

/** The watching sockets by column; the stranger's socket has no session. */
export type Watchers = ReadonlyMap<string, Socket>;
/** The outcome for each watcher. */
export type Outcomes = Map<string, string>;

interface Seen {
  __typename: string;
  conversationId?: string;
  room?: { id: string };
}

/** Opens a socket for each column of a table. */
export async function watchersOf(
  endpoint: Endpoint,
  people: ReadonlyMap<string, Actor | null>,
): Promise<Map<string, Socket>> {
  const watchers = new Map<string, Socket>();
  for (const [column, person] of people) {
    const token = person === null ? {} : { token: (await person.signsUp()).token };
    watchers.set(column, await connect(endpoint, token));
  }
  return watchers;
}

const EVENTS = /* GraphQL */ `
  subscription Watch($after: Cursor) {
    events(after: $after) {
      __typename
      ... on MessageSent {
        conversationId
      }
      ... on MembershipChanged {
        conversationId
      }
      ... on RoomCreated {
        room {
          id
        }
      }
    }
  }
`;

/** Returns whether each watcher receives an event before a later public one. */
async function eventOutcomes(
  watchers: Watchers,
  variables: Variables,
  publicRoomId: () => Promise<string>,
  isIt: (event: Seen) => boolean,
): Promise<Outcomes> {
  const streams = new Map<string, Stream<Seen>>();
  for (const [column, socket] of watchers)
    streams.set(column, socket.subscribe<Seen>(EVENTS, variables));
  const outcomes: Outcomes = new Map();
  const refused = await Promise.all(
    [...streams].map(async ([column, stream]) => {
      const word = await Promise.race([refusalOf(stream), stream.next().then(() => null)]);
      if (word !== null) outcomes.set(column, word);
    }),
  ).then(() => new Set(outcomes.keys()));
  const roomId = await publicRoomId();
  for (const [column, stream] of streams) {
    if (refused.has(column)) continue;
    if (!stream.all.some((event) => event.room?.id === roomId))
      await stream.next((event) => event.room?.id === roomId);
    outcomes.set(column, stream.all.some(isIt) ? "yes" : "nothing");
    stream.complete();
  }
  return outcomes;
}

/** Returns the error of a rejected stream, as in the tables; never resolves for an accepted one. */
async function refusalOf(stream: Pick<Stream<unknown>, "ended">): Promise<string> {
  const { errors } = await stream.ended;
  return wordOf(errors?.[0]?.extensions?.code ?? "ended");
}

/** Causes an event in a settled place. */
async function causeEvent(place: Place): Promise<void> {
  if (!(place instanceof RoomPlace)) {
    await (await place.person("fellow")).says(place, "something new");
    return;
  }
  const owner = await (await place.person("owner")).client();
  const input = { roomId: place.id, userId: await place.personId("fellow"), role: "MODERATOR" };
  const outcome = await outcomeOf(owner, "setRole", input);
  if (outcome !== "yes") throw new Error(`nothing happens: ${outcome}`);
}

const newRoom = async (place: Place): Promise<string> =>
  (await place.cast.administrator.createsRoom(`For everybody ${randomUUID().slice(0, 8)}`)).id;

/** Live and replayed events in a place. @param after a cursor from before its first message */
export const STREAMS: Readonly<
  Record<string, (place: Place, watchers: Watchers, after: string) => Promise<Outcomes>>
> = {
  "events | as they happen": (place, watchers) =>
    eventOutcomes(
      watchers,
      {},
      async () => {
        await causeEvent(place);
        return newRoom(place);
      },
      (event) => event.conversationId === place.id,
    ),
  "events | replayed": async (place, watchers, after) => {
    const roomId = await newRoom(place);
    return eventOutcomes(
      watchers,
      { after },
      () => Promise.resolve(roomId),
      (event) => event.__typename === "MessageSent" && event.conversationId === place.id,
    );
  },
  "activity | typing users": async (place, watchers) => {
    const fellow = await (await place.person("fellow")).client();
    await outcomeOf(fellow, "setTyping", { conversationId: place.id, typing: true });
    return stateOutcomes(watchers, ACTIVITY, { id: place.id });
  },
  "conversationPresence | online members": (place, watchers) =>
    stateOutcomes(watchers, PRESENCE, { id: place.id }),
};

const ACTIVITY = "subscription($id: ID!) { activity(conversationId: $id) { __typename } }";
const PRESENCE =
  "subscription($id: ID!) { conversationPresence(conversationId: $id) { __typename } }";

/** Returns whether watchers receive the current state. */
export async function stateOutcomes(
  watchers: Watchers,
  query: string,
  variables: Variables,
): Promise<Outcomes> {
  const outcomes: Outcomes = new Map();
  await Promise.all(
    [...watchers].map(async ([column, socket]) => {
      const stream = socket.subscribe<unknown>(query, variables);
      const seen = stream.next().then(
        () => "yes",
        () => "nothing",
      );
      const first = await Promise.race([refusalOf(stream), seen]);
      outcomes.set(column, stream.isEnded ? await refusalOf(stream) : first);
      stream.complete();
    }),
  );
  return outcomes;
}
