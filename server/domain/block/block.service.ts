import type { RateLimits } from "../../infra/rate-limits.ts";
import type { Position } from "../../kernel/cursor.ts";
import { InvalidInputError, NotFoundError } from "../../kernel/errors.ts";
import { exportPage, type ExportSection } from "../../kernel/export-section.ts";
import type { Log } from "../../log/log.ts";
import type { UserRecord } from "../user/user.record.ts";
import type { Db, Unit } from "../../log/unit.ts";
import { isDeleted, type UserService } from "../user/user.service.ts";
import { personBlocked, personUnblocked } from "./block.events.ts";
import { canBlock } from "./block.policy.ts";
import type { BlockPage, BlockRow, BlockStore } from "./block.store.ts";

export type { BlockKey, BlockPage, BlockRow } from "./block.store.ts";

/** The other user, and the log position of the change. */
export interface BlockResult {
  person: UserRecord;
  position: Position;
}

/** A block that begins or ends, as other slices see it inside its unit. */
export interface BlockChange {
  blocker: UserRecord;
  person: UserRecord;
  /** Whether the block begins. */
  isBlocked: boolean;
  /** Whether a block separates the two afterwards: each may have blocked the other. */
  isSeparated: boolean;
}

/** Changes the data of another slice in the unit that changes a block, with the log locked. */
export type BlockListener = (unit: Unit, change: BlockChange) => Promise<void>;

/** Blocks between users. */
export interface BlockService {
  /**
   * Keeps two users from writing to each other alone and ends the following between them, either way.
   * No effect if the viewer already blocks the user.
   *
   * @throws InvalidInputError NotFoundError RateLimitedError
   */
  block(viewer: UserRecord, userId: string): Promise<BlockResult>;
  /** No effect without a block. Does not restore following. @throws NotFoundError RateLimitedError */
  unblock(viewer: UserRecord, userId: string): Promise<BlockResult>;
  /**
   * Runs `listener` in the unit of each change, in the order of registration. Slices that need blocks
   * register with it, so that this slice does not depend on them.
   */
  onChange(listener: BlockListener): void;
  /** Whether the user has blocked each of `ids`; absent for no. */
  blocked(userId: string, ids: readonly string[]): Promise<Map<string, boolean>>;
  /** Returns the users of `ids` who have blocked the user or are blocked by the user. */
  separated(userId: string, ids: readonly string[], db?: Db): Promise<Set<string>>;
  /** Whether either of two users has blocked the other. */
  isSeparated(one: string, other: string, db?: Db): Promise<boolean>;
  /** Users whom the user has blocked, the latest first. */
  page(userId: string, page: BlockPage): Promise<BlockRow[]>;
  /** Users whom the user has blocked, for the user's own export. */
  readonly exportSection: ExportSection;
  /**
   * Removes all blocks by and of a user whose account ends, in the unit. Their effects stay, because
   * the account can no longer send or receive.
   */
  eraseUser(unit: Unit, userId: string): Promise<void>;
}

export interface BlockServiceOptions {
  store: BlockStore;
  users: UserService;
  log: Log;
  rates: RateLimits;
}

export function makeBlockService({ store, users, log, rates }: BlockServiceOptions): BlockService {
  const listeners: BlockListener[] = [];

  const isSeparated = async (one: string, other: string, db?: Db): Promise<boolean> =>
    (await store.separated(one, [other], db)).length > 0;

  const setBlock = async (
    blocker: UserRecord,
    userId: string,
    isBlocked: boolean,
  ): Promise<BlockResult> => {
    await rates.take("FOLLOW", blocker.id);
    return log.write(async (unit) => {
      // All sends, openings and follows happen before or after this change, because they lock the log, too.
      await unit.lockLog();
      const person = await users.byId(userId, unit.tx);
      if (person === null) throw new NotFoundError("person");
      if ((await store.blocked(blocker.id, [userId], unit.tx)).length > 0 === isBlocked)
        return { person, position: await log.head(unit.tx) };
      if (isBlocked && isDeleted(person)) throw new NotFoundError("person");
      const position = await appendChange(unit, blocker, person, isBlocked);
      if (isBlocked) await store.block(unit.tx, blocker.id, userId, position);
      else await store.unblock(unit.tx, blocker.id, userId);
      const change = {
        blocker,
        person,
        isBlocked,
        isSeparated: await isSeparated(blocker.id, userId, unit.tx),
      };
      for (const listener of listeners) await listener(unit, change);
      return { person, position };
    });
  };

  return {
    block: async (viewer, userId) => {
      if (!canBlock({ isSelf: viewer.id === userId })) {
        const message = "You cannot block yourself.";
        throw new InvalidInputError([{ field: "userId", code: "INVALID_VALUE", message }]);
      }
      return setBlock(viewer, userId, true);
    },
    unblock: (viewer, userId) => setBlock(viewer, userId, false),
    onChange: (listener) => {
      listeners.push(listener);
    },
    blocked: async (userId, ids) =>
      new Map((await store.blocked(userId, ids)).map((id) => [id, true])),
    separated: async (userId, ids, db) => new Set(await store.separated(userId, ids, db)),
    isSeparated,
    page: store.page,
    exportSection: {
      type: "block",
      page: async (userId, after, limit) =>
        exportPage(
          await store.page(userId, {
            before: undefined,
            after: after === null ? undefined : { position: BigInt(after) },
            limit: limit + 1,
            inverted: false,
          }),
          limit,
          ({ position }) => position.toString(),
          ({ person }) => ({ userId: person.id }),
        ),
    },
    eraseUser: (unit, userId) => store.eraseUser(unit.tx, userId),
  };
}

/** Appends the event, which only the user who changed the block receives. */
async function appendChange(
  unit: Unit,
  blocker: UserRecord,
  person: UserRecord,
  isBlocked: boolean,
): Promise<Position> {
  const blockEvent = isBlocked ? personBlocked : personUnblocked;
  const { position } = await unit.append(blockEvent(blocker.id, { person }));
  return position;
}
