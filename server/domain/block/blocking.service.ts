import type { RateLimits } from "../../infra/rate-limits.ts";
import type { Position } from "../../kernel/cursor.ts";
import { InvalidInputError, NotFoundError } from "../../kernel/errors.ts";
import type { Log } from "../../log/log.ts";
import type { Unit } from "../../log/unit.ts";
import type { UserRecord } from "../../log/records.ts";
import type { DirectService } from "../direct/direct.service.ts";
import type { FollowService } from "../follow/follow.service.ts";
import { isDeleted, type UserService } from "../user/user.service.ts";
import { canBlock } from "./block.policy.ts";
import type { BlockStore } from "./block.store.ts";

/** The other person, and the log as of what was done. */
export interface Blocking {
  person: UserRecord;
  position: Position;
}

export interface BlockingService {
  /**
   * Keeps two people from writing to each other alone and ends the following between them, either way.
   * Blocking again changes nothing.
   *
   * @throws InvalidInputError NotFoundError
   */
  block(viewer: UserRecord, userId: string): Promise<Blocking>;
  /** Unblocking again changes nothing; following does not come back. @throws NotFoundError */
  unblock(viewer: UserRecord, userId: string): Promise<Blocking>;
}

export interface BlockingServiceOptions {
  store: BlockStore;
  users: UserService;
  follows: FollowService;
  directs: DirectService;
  log: Log;
  rates: RateLimits;
}

export function makeBlockingService(options: BlockingServiceOptions): BlockingService {
  const { store, users, follows, directs, log, rates } = options;

  const setBlock = async (
    viewer: UserRecord,
    userId: string,
    blocked: boolean,
  ): Promise<Blocking> => {
    await rates.take("FOLLOW", viewer.id);
    return log.write(async (unit) => {
      // Takes the head's lock: whoever writes, opens or follows at this moment does so before or after.
      await unit.lockLog();
      const person = await users.byId(userId);
      if (person === null) throw new NotFoundError("person");
      if ((await store.blocked(viewer.id, [userId])).length > 0 === blocked)
        return { person, position: await log.headInSnapshot() };
      if (blocked && isDeleted(person)) throw new NotFoundError("person");
      const position = await tell(unit, viewer, person, blocked);
      if (blocked) {
        await store.block(unit.tx, viewer.id, userId, position);
        await follows.sever(unit, viewer, person);
      } else await store.unblock(unit.tx, viewer.id, userId);
      await keepApart(unit, viewer.id, userId);
      return { person, position };
    });
  };

  /** What was done is told to the person who did it, and to nobody else. */
  const tell = async (
    unit: Unit,
    viewer: UserRecord,
    person: UserRecord,
    blocked: boolean,
  ): Promise<Position> => {
    const [place] = await unit.append([
      {
        type: blocked ? "PERSON_BLOCKED" : "PERSON_UNBLOCKED",
        topic: viewer.id,
        payload: { person },
      },
    ]);
    if (place === undefined) throw new Error("Blocking was not appended");
    return place.position;
  };

  /** The other may have blocked as well, so that unblocking alone does not bring the two together. */
  const keepApart = async (unit: Unit, one: string, other: string): Promise<void> => {
    const isBlocked = (await store.apart(one, [other])).length > 0;
    await directs.setBlocked(unit, one, other, isBlocked);
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
  };
}
