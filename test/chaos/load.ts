import { setMaxListeners } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { client as testClient, type TestClient } from "../kit/client.ts";
import {
  JOIN_ROOM,
  MARK_READ,
  type JoinRoomResult,
  type Room,
  type TypedError,
} from "../kit/documents.ts";
import { ADD_REACTION, DELETE_MESSAGE, EDIT_MESSAGE } from "../kit/message-documents.ts";
import type { ChangePayload } from "../kit/message-documents.ts";
import { roomAct } from "../kit/room-documents.ts";
import type { Deployment, Instance } from "./deployment.ts";
import type { History } from "./history.ts";
import { actFor, type Crowd, type Device, type Person } from "./people.ts";
import { between, randomFor, timedUuidFrom, uuidFrom, type Random } from "./random.ts";
import { readPage } from "./questions.ts";
import { done, isRetryable, Refusal, refusalOf, type SentMessage } from "./requests.ts";
import { positionOf, rawId } from "./wire.ts";

/** Pause between two actions of one device, in milliseconds. */
const PAUSE_MS = [40, 260] as const;
/** How long a removed user stays out, in milliseconds. */
const OUT_MS = [300, 2_000] as const;
/** Maximum time of retries, in milliseconds. */
const INSIST_MS = 90_000;
const AGAIN_MS = 60;
const EMOJI = ["👍", "🎉", "❤️", "😀", "🚀", "🙈", "🍰", "🌊"];

export interface LoadParts {
  seed: number;
  history: History;
  deployment: Deployment;
  crowd: Crowd;
}

/** Simulated users who act almost without pause, through all faults. */
export class Load {
  readonly #parts: LoadParts;
  readonly #stopping = new AbortController();
  #running: Promise<unknown> = Promise.resolve();

  constructor(parts: LoadParts) {
    this.#parts = parts;
    // Every user adds a listener to the signal.
    setMaxListeners(0, this.#stopping.signal);
  }

  start(): void {
    const { devices } = this.#parts.crowd;
    this.#running = Promise.all([...devices.map((device) => this.#use(device)), this.#moderate()]);
    this.#running.catch(() => undefined);
  }

  /**
   * Resolves when each user has a result of the last action. @throws the errors of actions that failed
   * permanently
   */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  /** Sends a message until it is acknowledged. @returns null if it was permanently rejected */
  async say(device: Device, room: Room, random: Random, body: string): Promise<SentMessage | null> {
    const { history } = this.#parts;
    const { listener, person, clockOffset } = device;
    const clientId =
      clockOffset === 0 ? uuidFrom(random) : timedUuidFrom(random, Date.now() + clockOffset);
    const whose = { client: listener.recorder.name, person: person.id, clientId };
    const conversation = rawId(room.id);
    history.add({ kind: "sent", ...whose, conversation });
    const input = { conversationId: room.id, body, clientId };
    const once = async (): Promise<SentMessage | null> => {
      const message = await this.insist("send", whose.client, () => listener.say(input));
      if (message === null) return null;
      const { id: _, ...place } = message;
      history.add({ kind: "acknowledged", ...whose, conversation, ...place });
      return message;
    };
    const message = await once();
    // Some programs repeat a send even after a response.
    if (message !== null && random.chance(0.05)) await once();
    return message;
  }

  /**
   * Retries until success, like a program that must not lose anything.
   *
   * @returns null if it was permanently rejected
   * @throws after too long a time
   */
  async insist<T>(action: string, by: string, attempt: () => Promise<T>): Promise<T | null> {
    const giveUp = performance.now() + INSIST_MS;
    for (;;) {
      try {
        return await attempt();
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        this.#note(error, action, by);
        const { code } = error;
        if (!isRetryable(error)) return null;
        if (performance.now() > giveUp) throw new Error(`${by}: ${action} was never done: ${code}`);
        await delay(AGAIN_MS);
      }
    }
  }

  /** Makes one device act repeatedly. */
  async #use(device: Device): Promise<void> {
    const { seed, deployment } = this.#parts;
    const { name } = device.listener.recorder;
    const random = randomFor(seed, `use of ${name}`);
    const own: SentMessage[] = [];
    for (let number = 0; await this.#pause(random, PAUSE_MS); number += 1) {
      const room = random.pick(device.person.rooms);
      const instance = random.pick(deployment.instances);
      const last = own.at(-1);
      const roll = random.below(100);
      if (roll < 68 || last === undefined) {
        const message = await this.say(device, room, random, `${name} ${number}`);
        if (message !== null) own.push(message);
        if (own.length > 20) own.shift();
      } else if (roll < 74) {
        await this.#change(device, random, ADD_REACTION, {
          messageId: last.id,
          emoji: random.pick(EMOJI),
        });
      } else if (roll < 79) {
        await this.#change(device, random, EDIT_MESSAGE, {
          messageId: last.id,
          body: `${name} ${number} edited`,
        });
      } else if (roll < 82) {
        await this.#change(device, random, DELETE_MESSAGE, { messageId: last.id });
        own.pop();
      } else if (roll < 90) {
        await this.#read(device, instance, room);
      } else {
        await this.#mark(device, instance, room, last.seq);
      }
    }
  }

  async #change(
    { person, listener }: Device,
    random: Random,
    document: string,
    input: object,
  ): Promise<void> {
    let tries = 0;
    const change = await this.insist("change", listener.recorder.name, () => {
      tries += 1;
      return refusalOf(async () =>
        done(
          await this.#anywhere(person, random).mutate<ChangePayload | TypedError>(document, {
            input,
          }),
        ),
      );
    });
    // A repeated change returns the log position of the repetition.
    if (change === null || tries > 1) return;
    this.#parts.history.add({
      kind: "changed",
      person: person.id,
      conversation: rawId(change.changed.conversationId),
      position: positionOf(change.cursor),
    });
  }

  /** Reads a page and ignores failures. */
  async #read({ person, listener }: Device, instance: Instance, room: Room): Promise<void> {
    const { history } = this.#parts;
    try {
      const reader = { person: person.id, client: actFor(person, instance) };
      const read = await refusalOf(() => readPage(reader, instance.name, room, history));
      if (read !== null) history.add(read);
    } catch (error) {
      this.#note(error, "read", listener.recorder.name);
    }
  }

  async #mark(
    { person, listener }: Device,
    instance: Instance,
    room: Room,
    seq: number,
  ): Promise<void> {
    const input = { conversationId: room.id, seq };
    try {
      await refusalOf(async () =>
        done(await actFor(person, instance).mutate<{ __typename: string }>(MARK_READ, { input })),
      );
    } catch (error) {
      this.#note(error, "mark", listener.recorder.name);
    }
  }

  #note(error: unknown, action: string, by: string): void {
    if (!(error instanceof Refusal)) throw error;
    const { code, retryable, message } = error;
    const why = message.slice(0, 300);
    this.#parts.history.add({ kind: "failed", by, action, code, retryable, why });
  }

  /** Removes users from a room, one after another, and lets them rejoin. */
  async #moderate(): Promise<void> {
    const { seed, history, crowd } = this.#parts;
    const random = randomFor(seed, "order");
    const removable = crowd.people.filter(({ id }) => id !== crowd.host.id);
    while (await this.#pause(random, [400, 1_600])) {
      const person = random.pick(removable);
      const room = random.pick(person.rooms);
      const conversation = rawId(room.id);
      if (room.id === crowd.square.id) continue;
      history.add({ kind: "removing", person: person.id, conversation });
      const input = { roomId: room.id, userId: person.globalId };
      await this.#act(crowd.host, random, "removeMember", input);
      await this.#pause(random, OUT_MS);
      history.add({ kind: "rejoining", person: person.id, conversation });
      await this.insist("join", person.name, () =>
        refusalOf(async () => {
          const actor = this.#anywhere(person, random);
          return done(
            await actor.mutate<JoinRoomResult>(JOIN_ROOM, { input: { roomId: room.id } }),
          );
        }),
      );
    }
  }

  async #act(person: Person, random: Random, act: string, input: object): Promise<void> {
    await this.insist(act, person.name, () =>
      refusalOf(async () =>
        done(
          await this.#anywhere(person, random).mutate<{ __typename: string } | TypedError>(
            roomAct(act),
            { input },
          ),
        ),
      ),
    );
  }

  #anywhere({ token }: Pick<Person, "token">, random: Random): TestClient {
    return testClient(random.pick(this.#parts.deployment.instances).url).as(token);
  }

  /** Waits for a random time. @returns false when the load must stop */
  async #pause(random: Random, [least, most]: readonly [number, number]): Promise<boolean> {
    const { signal } = this.#stopping;
    if (signal.aborted) return false;
    await delay(between(random, least, most), undefined, { signal }).catch(() => undefined);
    return !signal.aborted;
  }
}
