import { describe, expect, test } from "vitest";
import { Inbox } from "./inbox.ts";

describe("an inbox", () => {
  test("returns items in order, whether they arrived before or after the call", async () => {
    const inbox = new Inbox<number>("numbers");
    inbox.push(1);
    const [first, second] = [inbox.next(), inbox.next()];
    inbox.push(2);
    expect(await first).toBe(1);
    expect(await second).toBe(2);
  });

  test("skips non-matching items and keeps them in `all`", async () => {
    const inbox = new Inbox<number>("numbers");
    for (const item of [1, 2, 3, 4]) inbox.push(item);
    expect(await inbox.next((item) => item === 3)).toBe(3);
    expect(await inbox.next()).toBe(4);
    expect(inbox.all).toEqual([1, 2, 3, 4]);
  });

  test("reports the received items if the expected one is missing", async () => {
    const inbox = new Inbox<number>("numbers");
    inbox.push(7);
    await expect(inbox.next((item) => item === 8, 30)).rejects.toThrow(
      "numbers: nothing that matches in 30 ms; 1 others came, last 7",
    );
    // An item that did not match before is available to the next call.
    expect(await inbox.next()).toBe(7);
  });

  test("returns the items before the end, then throws with the reason of the end", async () => {
    const inbox = new Inbox<number>("numbers");
    const waiting = inbox.next((item) => item === 2);
    inbox.push(1);
    inbox.end({ code: 4403, reason: "Session ended" });
    await expect(waiting).rejects.toThrow("4403");
    expect(await inbox.next()).toBe(1);
    await expect(inbox.next()).rejects.toThrow("Session ended");
    expect(await inbox.ended).toEqual({ code: 4403, reason: "Session ended" });
  });
});
