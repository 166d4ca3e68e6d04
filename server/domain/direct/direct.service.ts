import type { Clock } from "../../kernel/clock.ts";
import type { Position } from "../../kernel/cursor.ts";
import { BlockedError, InvalidInputError, NotFoundError } from "../../kernel/errors.ts";
import { newId } from "../../kernel/ids.ts";
import type { Log, Transaction } from "../../log/log.ts";
import type { DirectRecord, UserRecord } from "../../log/records.ts";
import type { BlockService } from "../block/block.service.ts";
import type { ConversationService, Newcomer } from "../conversation/conversation.service.ts";
import type { UserService } from "../user/user.service.ts";
import { canWriteToEachOther } from "./direct.policy.ts";
import type { DirectStore } from "./direct.store.ts";
import { peopleKeyOf } from "./people-key.ts";

export interface Opened {
  conversation: DirectRecord;
  position: Position;
}

export interface DirectService {
  /**
   * Finds or makes the conversation of exactly these people and the viewer, and puts it into the
   * viewer's list. The others have it in theirs with the first message.
   *
   * @param userIds in any order; none, or the viewer alone, means a notebook
   * @throws InvalidInputError NotFoundError BlockedError
   */
  open(viewer: UserRecord, userIds: readonly string[]): Promise<Opened>;
  /**
   * Puts a direct conversation into the lists of those who do not have it yet, for its first message.
   * Until that is done the log takes no message from anybody here, so that none comes before it.
   *
   * @returns whether messages are taken now: not in a room, not from somebody who is no member, and not
   *   where one of two people has blocked the other
   */
  begin(viewerId: string, conversationId: string): Promise<boolean>;
  /** Stops the messages between two people, or lets them through again. For other services, inside `log.write`. */
  setBlocked(tx: Transaction, one: string, other: string, blocked: boolean): Promise<void>;
}

export interface DirectServiceOptions {
  store: DirectStore;
  users: UserService;
  blocks: BlockService;
  conversations: ConversationService;
  log: Log;
  clock: Clock;
  /** Most people of one conversation, the viewer included. */
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
  });

  const isStopped = async (viewerId: string, people: readonly UserRecord[]): Promise<boolean> => {
    const other = people.find(({ id }) => id !== viewerId);
    if (other === undefined || people.length !== 2) return false;
    const isBlocked = await blocks.isBetween(viewerId, other.id);
    return !canWriteToEachOther({ people: people.length, isBlocked });
  };

  const requirePeople = async (
    viewer: UserRecord,
    userIds: readonly string[],
  ): Promise<UserRecord[]> => {
    const ids = [...new Set([viewer.id, ...userIds])];
    if (ids.length > options.peopleLimit) {
      const message = `A direct conversation has at most ${String(options.peopleLimit)} people.`;
      throw new InvalidInputError([{ field: "userIds", code: "TOO_LONG", message }]);
    }
    const people = await users.byIds(ids);
    if (people.length < ids.length) throw new NotFoundError("person");
    return people;
  };

  /** Of conversations that the viewer need not be in yet. To be called while the log's head is locked. */
  const findOrCreate = async (
    tx: Transaction,
    people: readonly UserRecord[],
  ): Promise<DirectRecord> => {
    const ids = people.map(({ id }) => id);
    const peopleKey = peopleKeyOf(ids);
    let id = await store.findByKey(peopleKey);
    if (id === null) {
      id = newId(clock.now());
      await store.create(tx, { id, createdAt: new Date(clock.now()), peopleKey, people: ids });
    }
    const [found] = await conversations.find([id]);
    if (found?.kind !== "DIRECT") throw new Error("A direct conversation could not be read");
    return found;
  };

  /** Lets messages through in a conversation that no block stops, once everybody has it in their list. */
  const letSpeak = ({ participants }: DirectRecord, tx: Transaction): Promise<void> =>
    store.setBlocked(tx, peopleKeyOf(participants.map(({ id }) => id)), false);

  return {
    open: async (viewer, userIds) => {
      const people = await requirePeople(viewer, userIds);
      return log.write(async (tx, append) => {
        // Takes the head's lock, so that people who open the same at once take turns.
        await append([]);
        if (await isStopped(viewer.id, people)) throw new BlockedError();
        const conversation = await findOrCreate(tx, people);
        const own = await conversations.memberships(viewer.id, [conversation.id]);
        if (own.has(conversation.id)) return { conversation, position: await log.headInSnapshot() };
        const who = newcomer(viewer, conversation.id);
        const { position } = await conversations.admit(tx, append, conversation, who);
        await letSpeak(conversation, tx);
        return { conversation, position };
      });
    },
    begin: async (viewerId, conversationId) => {
      const [conversation] = await conversations.visibleByIds(viewerId, [conversationId]);
      if (conversation?.kind !== "DIRECT") return false;
      const { participants } = conversation;
      if (await isStopped(viewerId, participants)) return false;
      return log.write(async (tx, append) => {
        // Asked again with the head's lock, for a block may come at this moment; and nobody is admitted twice.
        await append([]);
        if (await isStopped(viewerId, participants)) return false;
        const waiting = new Set(await store.waiting(conversationId));
        for (const person of participants.filter(({ id }) => waiting.has(id))) {
          await conversations.admit(tx, append, conversation, newcomer(person, conversationId));
        }
        await letSpeak(conversation, tx);
        return true;
      });
    },
    setBlocked: (tx, one, other, blocked) =>
      store.setBlocked(tx, peopleKeyOf([one, other]), blocked),
  };
}
