import { describe, expect, it } from "vitest";
import { isSendKey } from "../../web/src/conversation/send-key.ts";
import type { KeyPress } from "../../web/src/conversation/send-key.ts";
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

describe("isSendKey", () => {
  it("Enter sends; Shift+Enter and other keys do not", () => {
    expect(isSendKey(press(), false)).toBe(true);
    expect(isSendKey(press({ shiftKey: true }), false)).toBe(false);
    expect(isSendKey(press({ key: "a" }), false)).toBe(false);
  });

  it("Enter does not send during input-method composition", () => {
    expect(isSendKey(press({ isComposing: true }), false)).toBe(false);
    expect(isSendKey(press({ isComposing: true, ctrlKey: true }), false)).toBe(false);
  });

  it("on an on-screen keyboard, only Ctrl+Enter or Cmd+Enter sends", () => {
    expect(isSendKey(press(), true)).toBe(false);
    expect(isSendKey(press({ metaKey: true }), true)).toBe(true);
  });
});

describe("makeDrafts", () => {
  it("keeps a separate draft per user and room", () => {
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

  it("works without storage", () => {
    const drafts = makeDrafts(forbiddenStorage, "ada");
    drafts.write("garden", "text");
    expect(drafts.read("garden")).toBe("");
  });
});
