import { expect, test } from "vitest";
import { canSeeReceipts, showsReceiptsLive } from "../../server/domain/receipt/receipt.policy.ts";

test.for([
  ["OWNER", true],
  ["MODERATOR", true],
  ["MEMBER", true],
  [null, false],
] as const)("with the role %s, receipts are visible: %s", ([role, sees]) => {
  expect(canSeeReceipts({ role })).toBe(sees);
});

test("read marks are sent live only up to the limit of members", () => {
  expect([1, 200, 201].map((count) => showsReceiptsLive(count, 200))).toEqual([true, true, false]);
});
