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
}

export function makeBlockService(store: BlockStore): BlockService {
  return {
    blocked: async (userId, ids) =>
      new Map((await store.blocked(userId, ids)).map((id) => [id, true])),
    apart: async (userId, ids) => new Set(await store.apart(userId, ids)),
    isBetween: async (one, other) => (await store.apart(one, [other])).length > 0,
    page: store.page,
  };
}
