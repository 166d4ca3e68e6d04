import { client as testClient, type TestClient } from "../kit/client.ts";
import type { Room } from "../kit/documents.ts";
import { seedOn } from "../kit/seed.ts";
import type { Deployment } from "./deployment.ts";
import { ClientRecorder } from "./client-recorder.ts";
import { listenBySdk, listenBySocket, listenBySse, type Listener } from "./clients.ts";
import type { History, Through } from "./history.ts";
import { randomFor } from "./random.ts";
import { positionOf, rawId } from "./wire.ts";

/** A simulated user. */
export interface Person {
  readonly name: string;
  readonly id: string;
  readonly globalId: string;
  readonly token: string;
  readonly session: string;
  /** The user's rooms. */
  readonly rooms: readonly Room[];
}

/** One of a user's clients. */
export interface Device {
  readonly person: Person;
  readonly through: Through;
  readonly listener: Listener;
  /** Error of its clock, in milliseconds. */
  clockOffset: number;
}

/** All users and their rooms. */
export interface Crowd {
  /** The owner and moderator of the rooms. */
  readonly host: Person;
  /** Devices that listen from start to end. */
  readonly devices: readonly Device[];
  /** Users who connect and disconnect. */
  readonly visitors: readonly Person[];
  readonly rooms: readonly Room[];
  /** The room of all users. */
  readonly square: Room;
  readonly people: readonly Person[];
}

const THROUGH: readonly Through[] = ["sdk", "socket", "sse", "socket"];

/** Acts for a user over HTTP, on a chosen instance. */
export function actFor(person: Pick<Person, "token">, instance: { url: string }): TestClient {
  return testClient(instance.url).as(person.token);
}

/** Creates a client of a kind for a session. */
export function makeListener(
  { history, deployment, seed }: { history: History; deployment: Deployment; seed: number },
  who: { name: string; through: Through; person: string; session: string; token: string },
): Listener {
  const { name, through, person, session, token } = who;
  const recorder = new ClientRecorder({ history, name, person, session, through });
  const options = { recorder, token, random: randomFor(seed, `client ${name}`) };
  if (through === "sdk") return listenBySdk(options, deployment.balancer);
  const listen = through === "sse" ? listenBySse : listenBySocket;
  return listen(options, deployment.instances);
}

/**
 * Signs users up, adds them to rooms and starts their clients: user n is in the square and in two rooms,
 * and every third user has a second device with a separate session.
 */
export async function gatherCrowd(
  parts: { history: History; deployment: Deployment; seed: number },
  { size, rooms: roomCount }: { size: number; rooms: number },
): Promise<Crowd> {
  const { history, deployment } = parts;
  const { instances } = deployment;
  const home: { url: string } = instances[0] ?? deployment.balancer;
  const seed = seedOn(home);
  const owner = seed.user("host");
  const square = await owner.createsRoom("Square", { slug: "square" });
  const rooms: Room[] = [];
  for (let index = 0; index < roomCount; index += 1)
    rooms.push(await owner.createsRoom(`Room ${index}`, { slug: `room-${index}` }));

  const join = async (username: string, own: readonly Room[]): Promise<Person> => {
    const actor = seed.user(username);
    const { user, token, session } = await actor.signsUp();
    for (const room of own) {
      const cursor = await actor.joins(room);
      const conversation = rawId(room.id);
      const position = positionOf(cursor);
      history.add({ kind: "member", person: rawId(user.id), conversation, position });
    }
    return {
      name: username,
      id: rawId(user.id),
      globalId: user.id,
      token,
      session: rawId(session.id),
      rooms: own,
    };
  };
  const host = await join("host", [square, ...rooms]);
  const two = (index: number): Room[] =>
    [0, 1].flatMap((step) => rooms[(index + step) % rooms.length] ?? []);
  const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
  const people = await Promise.all(
    numbers(size).map((index) => join(`person-${index}`, [square, ...two(index)])),
  );
  const visitors = await Promise.all(
    numbers(2).map((index) => join(`visitor-${index}`, [square, ...two(index)])),
  );

  const devices = await Promise.all(
    [host, ...people].flatMap((person, index) => {
      const kinds = numbers(index % 3 === 0 ? 2 : 1);
      return kinds.map(async (which): Promise<Device> => {
        const through = THROUGH[(index + which) % THROUGH.length] ?? "socket";
        const name = `${person.name}-${through}-${which}`;
        const own = which === 0 ? person : await otherSession(person, home);
        const { token, session } = own;
        const who = { name, through, person: person.id, session, token };
        return { person, through, listener: makeListener(parts, who), clockOffset: 0 };
      });
    }),
  );
  return { host, devices, visitors, rooms, square, people: [host, ...people] };
}

async function otherSession(
  { name }: Person,
  instance: { url: string },
): Promise<{ token: string; session: string }> {
  const { token, session } = await testClient(instance.url).logIn(name);
  return { token, session: rawId(session.id) };
}
