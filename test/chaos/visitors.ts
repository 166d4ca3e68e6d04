import { setMaxListeners } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { LOG_IN, type LogInResult, REVOKE_SESSION } from "../kit/documents.ts";
import { client as testClient, PASSWORD } from "../kit/client.ts";
import { PRESENCE_GRACE_MS } from "./deployment.ts";
import type { Listener } from "./clients.ts";
import type { Load, LoadParts } from "./load.ts";
import { actFor, makeListener, type Person } from "./people.ts";
import { askPresence } from "./questions.ts";
import { between, randomFor, type Random } from "./random.ts";
import { done, Refusal, refusalOf } from "./requests.ts";
import { rawId } from "./wire.ts";

/** Duration of a visit, in milliseconds. */
const VISIT_MS = [600, 4_000] as const;
/** How long a revoked session may last during any faults, in milliseconds. */
const REVOKED_LIMIT_MS = 30_000;

/**
 * Users who log in, listen for a while and disconnect: gracefully, abruptly, or because another device
 * ends their session. After a while, their presence is read from every instance.
 */
export class Visits {
  readonly #parts: LoadParts;
  readonly #load: Load;
  readonly #stopping = new AbortController();
  #running: Promise<unknown> = Promise.resolve();

  constructor(parts: LoadParts, load: Load) {
    this.#parts = parts;
    // Every user adds a listener to the signal.
    setMaxListeners(0, this.#stopping.signal);
    this.#load = load;
  }

  start(): void {
    this.#running = Promise.all(this.#parts.crowd.visitors.map((who) => this.#comeAndGo(who)));
    this.#running.catch(() => undefined);
  }

  /** Resolves when all have disconnected permanently. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #comeAndGo(person: Person): Promise<void> {
    const { seed, history, deployment } = this.#parts;
    const random = randomFor(seed, person.name);
    for (let number = 0; !this.#stopping.signal.aborted; number += 1) {
      const session = await this.#logIn(person, random);
      if (session === null) continue;
      const through = random.pick(["socket", "sse"] as const);
      const name = `${person.name}-${number}`;
      const who = { name, through, person: person.id, ...session };
      const listener = makeListener({ history, deployment, seed }, who);
      listener.start(session.cursor);
      await this.#wait(between(random, ...VISIT_MS));
      await this.#go(person, session.sessionId, listener, random);
      await this.#wait(PRESENCE_GRACE_MS + 500);
      if (!this.#stopping.signal.aborted) await this.#lookFor(person);
    }
  }

  async #logIn(
    { name }: Person,
    random: Random,
  ): Promise<{ token: string; session: string; sessionId: string; cursor: string } | null> {
    const input = { username: name, password: PASSWORD, device: "visit" };
    const payload = await this.#load.insist("log in", name, () =>
      refusalOf(async () => {
        const instance = random.pick(this.#parts.deployment.instances);
        return done(await testClient(instance.url).mutate<LogInResult>(LOG_IN, { input }));
      }),
    );
    if (payload === null) return null;
    const { token, session, cursor } = payload;
    return { token, session: rawId(session.id), sessionId: session.id, cursor };
  }

  async #go(person: Person, sessionId: string, listener: Listener, random: Random): Promise<void> {
    const { history, deployment } = this.#parts;
    if (random.below(2) === 0) {
      await listener.stop();
      return;
    }
    history.add({ kind: "revoking", session: rawId(sessionId) });
    await this.#load.insist("revoke", person.name, () =>
      refusalOf(async () => {
        const actor = actFor(person, random.pick(deployment.instances));
        return done(
          await actor.mutate<{ __typename: string }>(REVOKE_SESSION, { input: { sessionId } }),
        );
      }),
    );
    const late = new AbortController();
    const closed = await Promise.race([
      listener.ended.then(() => true),
      delay(REVOKED_LIMIT_MS, false, { signal: late.signal }).catch(() => false),
    ]);
    late.abort();
    if (closed) return;
    const instance = listener.recorder.name;
    history.add({ kind: "broke", instance, what: "its session was revoked and went on" });
    await listener.stop();
  }

  async #lookFor(person: Person): Promise<void> {
    const { history, deployment, crowd } = this.#parts;
    for (const instance of deployment.instances) {
      const reader = { person: crowd.host.id, client: actFor(crowd.host, instance) };
      try {
        await refusalOf(() => askPresence(reader, instance.name, person, history));
      } catch (error) {
        // An instance that is down does not respond.
        if (!(error instanceof Refusal)) throw error;
      }
    }
  }

  async #wait(milliseconds: number): Promise<void> {
    const { signal } = this.#stopping;
    await delay(milliseconds, undefined, { signal }).catch(() => undefined);
  }
}
