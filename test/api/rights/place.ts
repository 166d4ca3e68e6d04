import { payload } from "../../kit/client.ts";
import { type TypedError } from "../../kit/documents.ts";
import {
  CREATE_INVITE_LINK,
  INVITE_TO_ROOM,
  type InviteLinkPayload,
  type InvitePayload,
} from "../../kit/room-documents.ts";
import type { Actor } from "../../kit/seed.ts";
import type { Variables } from "../../kit/socket.ts";
import { REPORT, type ShownReport } from "../../kit/trust-documents.ts";
import { idOf, type Cast } from "./cast.ts";
import { outcomeOf } from "./words.ts";

const HOUR_MS = 3_600_000;

/**
 * A conversation under construction. While it is open, users join in the roles of the tables and create
 * the subjects of the rows. `settle` then brings it and the users into the state of the tables: the room
 * archived, the banned user banned. Single objects are created once and reused.
 */
export abstract class Place {
  readonly cast: Cast;
  readonly #made = new Map<string, Promise<string>>();

  constructor(cast: Cast) {
    this.cast = cast;
  }

  /** The conversation's global id. */
  abstract readonly id: string;
  /** Returns the user of a role in this place, who joins if the role is a member's. */
  abstract person(name: string): Promise<Actor>;
  /** Whether the user of a role has ever joined. */
  abstract hasEntered(name: string): boolean;
  /**
   * Copies the place with its users but without objects, so that changes to objects of one do not affect
   * the other.
   */
  abstract fork(): Place;
  /** Brings the place and all users into their final state. */
  abstract settle(): Promise<void>;
  /** Whether only its members may discover it. */
  abstract readonly isPrivate: boolean;
  /** Returns the id of a system message; null if the place has none. */
  abstract note(): Promise<string> | null;
  /** The role that creates the initial objects. */
  abstract readonly host: string;

  async personId(name: string): Promise<string> {
    return idOf(await this.person(name));
  }

  /** Returns the id of a message by a user. */
  message(by: string): Promise<string> {
    return this.once(`message of ${by}`, async () => {
      return (await (await this.person(by)).says(this, `I am the ${by}.`)).id;
    });
  }

  /** Returns the id of a deleted message by a user. */
  deletedMessage(by: string): Promise<string> {
    return this.once(`deleted message of ${by}`, async () => {
      const person = await this.person(by);
      const message = await person.says(this, "I should not have said that.");
      await person.deletes(message);
      return message.id;
    });
  }

  /** Returns the id of a message with a 🎉 reaction of a user. */
  reaction(by: string): Promise<string> {
    return this.once(`reaction of ${by}`, async () => {
      const id = await this.message("fellow");
      await (await this.person(by)).reacts({ id }, "🎉");
      return id;
    });
  }

  scheduled(by: string): Promise<string> {
    return this.once(`scheduled message of ${by}`, async () => {
      return (await (await this.person(by)).schedules(this, "later", 24 * HOUR_MS)).id;
    });
  }

  /** Returns the id of another member's report about a user's message. */
  report(of: string): Promise<string> {
    return this.once(`report of ${of}`, async () => {
      const messageId = await this.message(of);
      type Answer = { __typename: "ReportPayload"; report: ShownReport } | TypedError;
      const input = { messageId, reason: "SPAM" };
      const reporter = await this.person(of === "fellow" ? this.host : "fellow");
      return payload(await reporter.mutate<Answer>(REPORT, { input })).report.id;
    });
  }

  protected once(what: string, make: () => Promise<string>): Promise<string> {
    let made = this.#made.get(what);
    if (made === undefined) this.#made.set(what, (made = make()));
    return made;
  }
}

/** Roles that never join: `vandal` may be banned while one is open, `blocked` is blocked by the fellow. */
const OUTSIDE = ["outsider", "passer", "vandal", "blocked", "administrator"];

export type RoomState = "public" | "private" | "archived";

/** A room with one owner, `owner`. Outsiders never join. */
export class RoomPlace extends Place {
  static #count = 0;
  readonly id: string;
  readonly host = "owner";
  readonly isPrivate: boolean;
  readonly #state: RoomState;
  readonly #owner: Actor;
  readonly #inside: Map<string, Promise<Actor>>;

  private constructor(
    cast: Cast,
    state: RoomState,
    owner: Actor,
    id: string,
    inside = new Map<string, Promise<Actor>>(),
  ) {
    super(cast);
    this.#inside = inside;
    this.isPrivate = state === "private";
    this.#state = state;
    this.#owner = owner;
    this.id = id;
  }

  static async open(cast: Cast, state: RoomState): Promise<RoomPlace> {
    const owner = cast.person("owner");
    const room = await owner.createsRoom(`Place ${String((RoomPlace.#count += 1))}`);
    return new RoomPlace(cast, state, owner, room.id);
  }

  fork(): RoomPlace {
    return new RoomPlace(this.cast, this.#state, this.#owner, this.id, this.#inside);
  }

  person(name: string): Promise<Actor> {
    if (name === "owner") return Promise.resolve(this.#owner);
    if (name === "administrator") return Promise.resolve(this.cast.administrator);
    if (!this.hasEntered(name)) return Promise.resolve(this.cast.person(name));
    let entered = this.#inside.get(name);
    if (entered === undefined) this.#inside.set(name, (entered = this.#enter(name)));
    return entered;
  }

  hasEntered(name: string): boolean {
    return !OUTSIDE.includes(name);
  }

  async #enter(name: string): Promise<Actor> {
    const person = this.cast.person(name);
    await person.joins(this);
    if (["moderator", "deputy"].includes(name)) {
      await this.#acts("setRole", { userId: await idOf(person), role: "MODERATOR" });
    }
    return person;
  }

  override note(): Promise<string> {
    return this.once("note", async () => {
      await this.#acts("updateRoom", { topic: "Something happened" });
      type Answer = { node: { messages: { edges: { node: { id: string; kind: string } }[] } } };
      const { node } = await this.#owner.query<Answer>(
        `query($id: ID!) { node(id: $id) { ... on Room {
           messages(last: 20) { edges { node { id kind } } } } } }`,
        { id: this.id },
      );
      const found = node.messages.edges.find((edge) => edge.node.kind === "SYSTEM");
      if (found === undefined) throw new Error("a change of the topic left no note");
      return found.node.id;
    });
  }

  /** Returns the id of an invite of an outsider by the owner. */
  invite(to: string): Promise<string> {
    return this.once(`invite to ${to}`, async () => {
      const input = { roomId: this.id, userId: await this.personId(to) };
      const answer = await this.#owner.mutate<InvitePayload | TypedError>(INVITE_TO_ROOM, {
        input,
      });
      return payload(answer).invite.id;
    });
  }

  /** Returns the id of the owner's ban of a vandal, who has never joined. */
  ban(): Promise<string> {
    return this.once("ban", async () => {
      type Answer = { ban: { id: string } };
      const { ban } = await this.#owner.mutate<Answer>(
        `mutation($input: BanMemberInput!) { banMember(input: $input) {
           ... on BanMemberPayload { ban { id } } } }`,
        { input: { roomId: this.id, userId: await this.personId("vandal") } },
      );
      return ban.id;
    });
  }

  /** Returns the `id` or `token` of an invite link. */
  async link(part: "id" | "token"): Promise<string> {
    const link = await this.once("link", async () => {
      const answer = await this.#owner.mutate<InviteLinkPayload | TypedError>(CREATE_INVITE_LINK, {
        input: { roomId: this.id },
      });
      const { token, link } = payload(answer);
      return JSON.stringify({ token, id: link.id });
    });
    return (JSON.parse(link) as Record<"id" | "token", string>)[part];
  }

  async settle(): Promise<void> {
    for (const [name, entered] of this.#inside) {
      const person = await entered;
      const userId = await idOf(person);
      if (["banned", "exile"].includes(name)) await this.#acts("banMember", { userId });
      if (["muted", "hushed"].includes(name)) {
        const until = new Date(Date.now() + HOUR_MS).toISOString();
        await this.#acts("muteMember", { userId, until });
      }
      if (["former", "leaver"].includes(name)) await person.leaves(this);
    }
    if (this.#state === "private") await this.#acts("updateRoom", { visibility: "PRIVATE" });
    if (this.#state === "archived") await this.#acts("archiveRoom", {});
  }

  async #acts(mutation: string, input: Variables): Promise<void> {
    const outcome = await outcomeOf(await this.#owner.client(), mutation, {
      roomId: this.id,
      ...input,
    });
    if (outcome !== "yes") throw new Error(`the owner's ${mutation}: ${outcome}`);
  }
}

/** Whether one of two users has blocked the other, from the view of the one named in the tables. */
export type BlockState = "participant" | "blocked" | "blocker";

/**
 * The one conversation of two users. The tables name one of them by the block between them; the other is
 * the `fellow`. All others are outsiders.
 */
export class DirectPlace extends Place {
  readonly id: string;
  readonly isPrivate = true;
  readonly host: string;
  readonly #state: BlockState;
  readonly #other: Actor;

  private constructor(cast: Cast, id: string, state: BlockState, other: Actor) {
    super(cast);
    this.id = id;
    this.#state = state;
    this.host = state;
    this.#other = other;
  }

  static async open(cast: Cast, state: BlockState): Promise<DirectPlace> {
    const [one, other] = [cast.person(state), cast.person(`fellow-of-${state}`)];
    await one.unblocks(other);
    await other.unblocks(one);
    const { id } = await one.opensDirect(other);
    // The other one sees the conversation only after the first message.
    await one.says({ id }, "Are you there?");
    return new DirectPlace(cast, id, state, other);
  }

  fork(): DirectPlace {
    return new DirectPlace(this.cast, this.id, this.#state, this.#other);
  }

  person(name: string): Promise<Actor> {
    if (name === "administrator") return Promise.resolve(this.cast.administrator);
    return Promise.resolve(name === "fellow" ? this.#other : this.cast.person(name));
  }

  hasEntered(name: string): boolean {
    return name === "fellow" || name === this.host;
  }

  override note(): null {
    return null;
  }

  async settle(): Promise<void> {
    const one = this.cast.person(this.host);
    if (this.host === "blocked") await this.#other.blocks(one);
    if (this.host === "blocker") await one.blocks(this.#other);
  }
}
