import { describe, expect, it } from "vitest";
import { PIN_DISTANCE, makeScrollKeeper } from "../../web/src/conversation/scroll-keeper.ts";
import type { ScrollKeeper } from "../../web/src/conversation/scroll-keeper.ts";

/** A scroll container with rows of 100 px, which scrolls like a browser's. */
class Rows {
  rows: string[] = [];
  clientHeight = 500;
  #top = 0;
  readonly pins: boolean[] = [];
  readonly keeper: ScrollKeeper = makeScrollKeeper(
    this,
    () => {
      const row = this.rows[Math.floor(this.scrollTop / 100)];
      return () => {
        const index = row === undefined ? -1 : this.rows.indexOf(row);
        return index < 0 ? undefined : index * 100;
      };
    },
    (pinned) => this.pins.push(pinned),
  );

  get scrollHeight(): number {
    return Math.max(this.clientHeight, this.rows.length * 100);
  }

  get scrollTop(): number {
    return Math.min(this.#top, this.scrollHeight - this.clientHeight);
  }

  set scrollTop(top: number) {
    this.#top = Math.max(0, Math.min(top, this.scrollHeight - this.clientHeight));
  }

  get topRow(): string | undefined {
    return this.rows[Math.floor(this.scrollTop / 100)];
  }

  append(...added: string[]): void {
    this.keeper.around(() => this.rows.push(...added));
  }

  prepend(...added: string[]): void {
    this.keeper.around(() => this.rows.unshift(...added));
  }

  scrollTo(top: number): void {
    this.scrollTop = top;
    this.keeper.scrolled();
  }
}

const names = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`);

function full(): Rows {
  const box = new Rows();
  box.append(...names("m", 20));
  return box;
}

describe("makeScrollKeeper", () => {
  it("follows new rows while the newest is in view", () => {
    const box = full();
    expect(box.scrollTop).toBe(1500);
    box.append("new");
    expect(box.scrollTop).toBe(1600);
    expect(box.pins).toEqual([]);
  });

  it("keeps the reader's place when rows are added at either end", () => {
    const box = full();
    box.scrollTo(730);
    const row = box.topRow;
    box.prepend(...names("old", 50));
    expect(box.topRow).toBe(row);
    expect(box.scrollTop).toBe(5730);
    box.append(...names("new", 3));
    expect(box.scrollTop).toBe(5730);
  });

  it("reports when the newest row leaves or enters the view", () => {
    const box = full();
    box.scrollTo(1500 - PIN_DISTANCE);
    expect(box.keeper.pinned()).toBe(true);
    box.scrollTo(1500 - PIN_DISTANCE - 1);
    expect(box.keeper.pinned()).toBe(false);
    box.keeper.toBottom();
    expect(box.scrollTop).toBe(1500);
    expect(box.pins).toEqual([false, true]);
  });

  it("stays at the end when a phone's keyboard halves the box", () => {
    const box = full();
    box.clientHeight = 250;
    box.keeper.scrolled();
    box.keeper.resized();
    expect(box.keeper.pinned()).toBe(true);
    expect(box.scrollTop).toBe(1750);
  });

  it("a resize moves nothing while the reader is elsewhere", () => {
    const box = full();
    box.scrollTo(300);
    box.clientHeight = 250;
    box.keeper.resized();
    expect(box.scrollTop).toBe(300);
    expect(box.keeper.pinned()).toBe(false);
  });

  it("does not jump when the anchor row disappears", () => {
    const box = full();
    box.scrollTo(700);
    box.keeper.around(() => {
      box.rows = names("other", 20);
    });
    expect(box.scrollTop).toBe(700);
  });
});
