import { ownDataPage, type OwnDataSection } from "../../kernel/own-data.ts";
import type { Unit } from "../../log/unit.ts";
import type { BlockPage, BlockRow, BlockStore } from "./block.store.ts";

export type { BlockKey, BlockPage, BlockRow } from "./block.store.ts";

/** Who has blocked whom. For other services too, which ask in their own transactions. */
export interface BlockService {
  /** Whether the person has blocked each of `ids`; missing where not. */
  blocked(userId: string, ids: readonly string[]): Promise<Map<string, boolean>>;
  /** Of `ids`, those whom the person has blocked or is blocked by. */
  apart(userId: string, ids: readonly string[]): Promise<Set<string>>;
  /** Whether either of two people has blocked the other. */
  isBetween(one: string, other: string): Promise<boolean>;
  /** Whom a person has blocked, the last one first. */
  page(userId: string, page: BlockPage): Promise<BlockRow[]>;
  /** Whom a person has blocked, for their own export. */
  readonly ownData: OwnDataSection;
  /**
   * Takes back all blocks of a person whose account ends, in the transaction in progress. What it had
   * stopped stays so: nobody is there to hear.
   */
  forget(unit: Unit, userId: string): Promise<void>;
}

export function makeBlockService(store: BlockStore): BlockService {
  return {
    blocked: async (userId, ids) =>
      new Map((await store.blocked(userId, ids)).map((id) => [id, true])),
    apart: async (userId, ids) => new Set(await store.apart(userId, ids)),
    isBetween: async (one, other) => (await store.apart(one, [other])).length > 0,
    page: store.page,
    ownData: {
      type: "block",
      page: async (userId, after, limit) =>
        ownDataPage(
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
    forget: (unit, userId) => store.forget(unit.tx, userId),
  };
}
