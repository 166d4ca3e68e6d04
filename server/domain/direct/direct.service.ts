import type { RateLimits } from "../../infra/rate-limits.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Position } from "../../kernel/cursor.ts";
import { InvalidInputError, NotFoundError } from "../../kernel/errors.ts";
import { BlockedError } from "../block/block.errors.ts";
import { newId } from "../../kernel/ids.ts";
import type { Log } from "../../log/log.ts";
import type { Db, Unit } from "../../log/unit.ts";
import type { DirectRecord } from "./direct.record.ts";
import type { UserRecord } from "../user/user.record.ts";
import type { BlockService } from "../block/block.service.ts";
import type { ConversationService, Newcomer } from "../conversation/conversation.service.ts";
import { isDeleted, type UserService } from "../user/user.service.ts";
import { canWriteTo } from "./direct.policy.ts";
import type { DirectStore } from "./direct.store.ts";
import { participantsKeyOf } from "./participants-key.ts";

export interface Opened {
  conversation: DirectRecord;
  position: Position;
}

export interface DirectService {
  /**
   * Finds or creates the conversation between exactly these users and the viewer, and adds it to the
   * viewer's list. The first message adds it to the others' lists.
   *
   * @param userIds in any order; empty or only the viewer for a notebook
   * @throws InvalidInputError NotFoundError BlockedError
   */
  open(viewer: UserRecord, userIds: readonly string[]): Promise<Opened>;
  /**
   * Adds a direct conversation to the lists of its other participants before its first message. Until
   * then, the log rejects every message in it, so that none precedes the membership.
   *
   * @returns whether messages are accepted now: false for rooms, for non-members, and while a block
   *   applies
   */
  begin(viewerId: string, conversationId: string): Promise<boolean>;
  /** Lets the other participants continue without a user whose account ends in the unit. */
  eraseUser(unit: Unit, userId: string): Promise<void>;
}

export interface DirectServiceOptions {
  store: DirectStore;
  users: UserService;
  blocks: BlockService;
  conversations: ConversationService;
  log: Log;
  clock: Clock;
  rates: RateLimits;
  /** Maximum number of participants, including the viewer. */
  peopleLimit: number;
}

export function makeDirectService(options: DirectServiceOptions): DirectService {
  const { store, users, blocks, conversations, log, clock } = options;

  const newcomer = (user: UserRecord, conversationId: string): Newcomer => ({
    id: newId(clock.now()),
    conversationId,
    user,
    role: "MEMBER",
    joinedAt: new Date(clock.now()),
    mutedUntil: null,
  });

  /** @param newcomers participants to whose list the conversation would be added */
  const isBlocked = async (
    viewerId: string,
    people: readonly UserRecord[],
    newcomers: ReadonlySet<string>,
    db?: Db,
  ): Promise<boolean> => {
    const others = people.flatMap(({ id }) => (id === viewerId ? [] : id));
    const apart = await blocks.separated(viewerId, others, db);
    return !canWriteTo({
      people: people.length,
      isBlocked: apart.size > 0,
      isNewToBlocked: [...apart].some((id) => newcomers.has(id)),
    });
  };

  const unlistedParticipants = async (
    conversationId: string,
    db?: Db,
  ): Promise<ReadonlySet<string>> => new Set(await store.unlistedParticipants(conversationId, db));

  const requirePeople = async (unit: Unit, ids: readonly string[]): Promise<UserRecord[]> => {
    const people = await users.byIds(ids, unit.tx);
    if (people.length < ids.length || people.some(isDeleted)) throw new NotFoundError("person");
    return people;
  };

  /**
   * Finds or creates a direct conversation. The viewer may not have joined it yet. Requires that the unit has
   * locked the log.
   */
  const findOrCreate = async (unit: Unit, people: readonly UserRecord[]): Promise<DirectRecord> => {
    const ids = people.map(({ id }) => id);
    const peopleKey = participantsKeyOf(ids);
    let id = await store.findByKey(unit.tx, peopleKey);
    if (id === null) {
      id = newId(clock.now());
      await store.create(unit.tx, { id, createdAt: new Date(clock.now()), peopleKey, people: ids });
    }
    const [found] = await conversations.find([id], unit.tx);
    if (found?.kind !== "DIRECT") throw new Error("A direct conversation could not be read");
    return found;
  };

  /** Allows messages in an unblocked conversation once all participants have it in their list. */
  const allowMessages = ({ participants }: DirectRecord, unit: Unit): Promise<void> =>
    store.setBlocked(unit.tx, participantsKeyOf(participants.map(({ id }) => id)), false);

  blocks.onChange((unit, { blocker, person, isSeparated }) =>
    store.setBlocked(unit.tx, participantsKeyOf([blocker.id, person.id]), isSeparated),
  );

  return {
    open: async (viewer, userIds) => {
      const ids = [...new Set([viewer.id, ...userIds])];
      if (ids.length > options.peopleLimit) {
        const message = `A direct conversation may have at most ${String(options.peopleLimit)} people.`;
        throw new InvalidInputError([{ field: "userIds", code: "TOO_LONG", message }]);
      }
      await options.rates.take("OPEN_DIRECT", viewer.id);
      return log.write(async (unit) => {
        // Two units that open the same conversation run one after the other.
        await unit.lockLog();
        const people = await requirePeople(unit, ids);
        const known = await store.findByKey(unit.tx, participantsKeyOf(ids));
        const newcomers =
          known === null ? new Set(ids) : await unlistedParticipants(known, unit.tx);
        if (await isBlocked(viewer.id, people, newcomers, unit.tx)) throw new BlockedError();
        const conversation = await findOrCreate(unit, people);
        const own = await conversations.memberships(viewer.id, [conversation.id], unit.tx);
        if (own.has(conversation.id)) return { conversation, position: await log.head(unit.tx) };
        const member = newcomer(viewer, conversation.id);
        const { position } = await conversations.admit(unit, conversation, member);
        await allowMessages(conversation, unit);
        return { conversation, position };
      });
    },
    begin: async (viewerId, conversationId) => {
      const [conversation] = await conversations.visibleByIds(viewerId, [conversationId]);
      if (conversation?.kind !== "DIRECT") return false;
      const { participants } = conversation;
      if (await isBlocked(viewerId, participants, await unlistedParticipants(conversationId)))
        return false;
      return log.write(async (unit) => {
        // Checks again under the lock: meanwhile a block may have begun, or another unit admitted the newcomers.
        await unit.lockLog();
        const newcomers = await unlistedParticipants(conversationId, unit.tx);
        if (await isBlocked(viewerId, participants, newcomers, unit.tx)) return false;
        for (const person of participants.filter(({ id }) => newcomers.has(id))) {
          await conversations.admit(unit, conversation, newcomer(person, conversationId));
        }
        await allowMessages(conversation, unit);
        return true;
      });
    },
    eraseUser: (unit, userId) => store.eraseUser(unit.tx, userId),
  };
}
