import { describe, expect, it } from "vitest";
import { sendsOn } from "../../web/src/conversation/composing.ts";
import type { KeyPress } from "../../web/src/conversation/composing.ts";
import { makeDrafts } from "../../web/src/conversation/drafts.ts";
import { MemoryStorage, forbiddenStorage } from "./storage.ts";

const press = (change: Partial<KeyPress> = {}): KeyPress => ({
  key: "Enter",
  shiftKey: false,
  altKey: false,
  ctrlKey: false,
  metaKey: false,
  isComposing: false,
  ...change,
});

describe("sendsOn", () => {
  it("sends on Enter, not on Shift and Enter, not on other keys", () => {
    expect(sendsOn(press(), false)).toBe(true);
    expect(sendsOn(press({ shiftKey: true }), false)).toBe(false);
    expect(sendsOn(press({ key: "a" }), false)).toBe(false);
  });

  it("leaves Enter to an input method that is still putting a word together", () => {
    expect(sendsOn(press({ isComposing: true }), false)).toBe(false);
    expect(sendsOn(press({ isComposing: true, ctrlKey: true }), false)).toBe(false);
  });

  it("makes a new line where the keyboard is on the screen, unless Ctrl or Cmd is held", () => {
    expect(sendsOn(press(), true)).toBe(false);
    expect(sendsOn(press({ metaKey: true }), true)).toBe(true);
  });
});

describe("makeDrafts", () => {
  it("keeps a draft for each person and room", () => {
    const storage = new MemoryStorage();
    const ada = makeDrafts(storage, "ada");
    ada.write("garden", "half a sen");
    ada.write("kitchen", "soup");
    expect(makeDrafts(storage, "ada").read("garden")).toBe("half a sen");
    expect(makeDrafts(storage, "bo").read("garden")).toBe("");
    ada.write("garden", "");
    expect(ada.read("garden")).toBe("");
    expect(storage.length).toBe(1);
  });

  it("does without storage", () => {
    const drafts = makeDrafts(forbiddenStorage, "ada");
    drafts.write("garden", "text");
    expect(drafts.read("garden")).toBe("");
  });
});
