import { describe, expect, test } from "vitest";
import { Inbox } from "./inbox.ts";

describe("an inbox", () => {
  test("gives items in order, whether they came before or after they were awaited", async () => {
    const inbox = new Inbox<number>("numbers");
    inbox.push(1);
    const [first, second] = [inbox.next(), inbox.next()];
    inbox.push(2);
    expect(await first).toBe(1);
    expect(await second).toBe(2);
  });

  test("consumes what does not match and keeps it in `all`", async () => {
    const inbox = new Inbox<number>("numbers");
    for (const item of [1, 2, 3, 4]) inbox.push(item);
    expect(await inbox.next((item) => item === 3)).toBe(3);
    expect(await inbox.next()).toBe(4);
    expect(inbox.all).toEqual([1, 2, 3, 4]);
  });

  test("tells what came when the wanted item does not", async () => {
    const inbox = new Inbox<number>("numbers");
    inbox.push(7);
    await expect(inbox.next((item) => item === 8, 30)).rejects.toThrow(
      "numbers: nothing that matches in 30 ms; 1 others came, last 7",
    );
    // What was not wanted then is still there for the next one.
    expect(await inbox.next()).toBe(7);
  });

  test("gives what came before the end, then fails with how it ended", async () => {
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
