import { expect, test } from "vitest";
import { makeKeyValueOutboxStorage } from "@parley/sdk/state";
import { makeDrafts } from "../../web/src/conversation/drafts.ts";
import { clearUnsent, outboxKeyPrefix } from "../../web/src/session/unsent-storage.ts";
import { MemoryStorage } from "./storage.ts";

test("logging out deletes only the user's own drafts and unsent messages", async () => {
  const [local, tab] = [new MemoryStorage(), new MemoryStorage()];
  const outboxes = ["ada", "ben"].map((person) =>
    makeKeyValueOutboxStorage(local, outboxKeyPrefix(person)),
  );
  const drafts = ["ada", "ben"].map((person) => makeDrafts(tab, person));
  for (const [index, outbox] of outboxes.entries()) {
    for (const clientId of ["1", "2", "3"])
      await outbox.put({
        ...{
          clientId,
          conversationId: "room",
          body: "unsent",
          order: index,
          state: "queued" as const,
        },
        attempts: 0,
      });
  }
  for (const each of drafts) each.write("room", "half a sentence");
  local.setItem("parley.theme", "dark");
  clearUnsent([local, tab], "ada");
  expect(await Promise.all(outboxes.map(async (outbox) => (await outbox.read()).length))).toEqual([
    0, 3,
  ]);
  expect(drafts.map((each) => each.read("room"))).toEqual(["", "half a sentence"]);
  expect(local.getItem("parley.theme")).toBe("dark");
});

test("clearing unsent messages ignores forbidden storage", () => {
  const forbidden = {
    get length(): number {
      throw new Error("The user has forbidden storage");
    },
    key: () => null,
    removeItem: () => undefined,
  };
  expect(() => clearUnsent([forbidden], "ada")).not.toThrow();
});
