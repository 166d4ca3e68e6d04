import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { client as testClient } from "../kit/client.ts";
import { EVENTS, SEND_MESSAGE, type Room, type SendMessageResult } from "../kit/documents.ts";
import { Stream } from "../kit/inbox.ts";
import { seedOn } from "../kit/seed.ts";
import { ACTIVITY, PRESENCE, SET_TYPING } from "../kit/signal-documents.ts";
import { Socket } from "../kit/socket.ts";
import { subscribeSse } from "../kit/sse.ts";
import { between, randomFor, type Random } from "./random.ts";
import type { Named } from "./clients.ts";

/** How long a user stays connected, in milliseconds. */
const STAY_MS = [3_000, 20_000] as const;
const AWAY_MS = [50, 500] as const;
const ROOMS = 5;
const HISTORY = /* GraphQL */ `
  query History($id: ID!) {
    viewer {
      cursor
    }
    node(id: $id) {
      ... on Conversation {
        messages(last: 20) {
          edges {
            node {
              id
              body
            }
          }
        }
      }
    }
  }
`;

/** Limits the rate of actions per second, over all callers. */
export class Pace {
  perSecond = Infinity;
  #next = 0;

  async turn(): Promise<void> {
    const now = performance.now();
    this.#next = Math.max(this.#next, now - 1_000) + 1_000 / this.perSecond;
    if (this.#next > now) await delay(this.#next - now);
  }
}

interface SoakUser {
  name: string;
  id: string;
  token: string;
  room: Room;
}

export interface SoakCrowdOptions {
  seed: number;
  people: number;
  deployment: readonly Named[];
  pace: Pace;
}

/** A stream that stores no received event. */
class DiscardingStream extends Stream<object> {
  constructor() {
    super("discarding");
  }

  override push(): void {
    // Thrown away.
  }
}

/** Users who connect, listen, talk, and disconnect: gracefully, or by losing their connection. */
export class SoakCrowd {
  messages = 0;
  /** Unexpected errors. */
  readonly problems: string[] = [];
  readonly #options: SoakCrowdOptions;
  readonly #people: readonly SoakUser[];
  #isOver = false;
  #running: Promise<unknown> = Promise.resolve();

  private constructor(options: SoakCrowdOptions, people: readonly SoakUser[]) {
    this.#options = options;
    this.#people = people;
  }

  /** Signs users up and adds each to a room. */
  static async gather(options: SoakCrowdOptions): Promise<SoakCrowd> {
    const [first] = options.deployment;
    if (first === undefined) throw new Error("there is no instance");
    const seed = seedOn(first);
    const rooms: Room[] = [];
    for (let index = 0; index < ROOMS; index += 1)
      rooms.push(await seed.user("host").createsRoom(`Room ${index}`));
    const people = await Promise.all(
      Array.from({ length: options.people }, async (_, index): Promise<SoakUser> => {
        const room = rooms[index % rooms.length];
        if (room === undefined) throw new Error("there is no room");
        const actor = seed.user(`person-${index}`);
        await actor.joins(room);
        const { token, user } = await actor.signsUp();
        return { name: `person-${index}`, id: user.id, token, room };
      }),
    );
    return new SoakCrowd(options, people);
  }

  start(): void {
    this.#running = Promise.all(this.#people.map((person) => this.#connectRepeatedly(person)));
    this.#running.catch((error: unknown) => this.problems.push(String(error)));
  }

  /** Resolves when all have disconnected. */
  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#running.catch(() => undefined);
  }

  get #hasEnded(): boolean {
    return this.#isOver;
  }

  async #connectRepeatedly(person: SoakUser): Promise<void> {
    const random = randomFor(this.#options.seed, person.name);
    while (!this.#hasEnded) {
      const instance = random.pick(this.#options.deployment);
      const until = performance.now() + between(random, ...STAY_MS);
      await (random.chance(0.2)
        ? this.#overHttp(person, instance, until)
        : this.#overSocket(person, instance, until, random));
      await delay(between(random, ...AWAY_MS));
    }
  }

  async #overSocket(
    { token, room, id, name }: SoakUser,
    instance: Named,
    until: number,
    random: Random,
  ): Promise<void> {
    const socket = new Socket(instance, { token });
    await socket.acknowledged;
    const streams = [
      [EVENTS, {}],
      [ACTIVITY, { id: room.id }],
      [PRESENCE, { ids: [id] }],
    ] as const;
    const discarding = streams.map(([document, variables]) => {
      const stream = new DiscardingStream();
      socket.run(stream, document, variables);
      return stream;
    });
    while (performance.now() < until && !this.#hasEnded) {
      await this.#options.pace.turn();
      const input = { conversationId: room.id, body: `${name} says`, clientId: randomUUID() };
      const { data, errors } = await socket.execute<{ sendMessage: SendMessageResult }>(
        SEND_MESSAGE,
        { input },
      );
      if (data?.sendMessage.__typename === "SendMessagePayload") this.messages += 1;
      else this.problems.push(JSON.stringify(data ?? errors));
      if (random.chance(0.05)) await socket.execute(HISTORY, { id: room.id });
      if (random.chance(0.05))
        await socket.execute(SET_TYPING, { input: { conversationId: room.id, typing: true } });
      // Some end one of their streams and stay connected.
      if (random.chance(0.01)) discarding.pop()?.complete();
    }
    if (random.chance(0.5)) await socket.cut();
    else await socket.close();
  }

  async #overHttp({ token, room }: SoakUser, instance: Named, until: number): Promise<void> {
    const sse = await subscribeSse(instance, { token });
    sse.keepOnly(() => false);
    const http = testClient(instance.url).as(token);
    while (performance.now() < until && !this.#hasEnded) {
      await this.#options.pace.turn();
      const input = { conversationId: room.id, body: "over HTTP", clientId: randomUUID() };
      const answer = await http.mutate<SendMessageResult>(SEND_MESSAGE, { input });
      if (answer.__typename === "SendMessagePayload") this.messages += 1;
      else this.problems.push(JSON.stringify(answer));
    }
    sse.complete();
  }
}
