import { readFile } from "node:fs/promises";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { THEME_KEY, makeTheme } from "../../web/src/app/theme.ts";
import { MemoryStorage, forbiddenStorage } from "./storage.ts";

const makeRoot = (): { dataset: DOMStringMap } => ({ dataset: {} });

/** Runs the script that the page loads before its first paint. */
async function boot(storage: unknown): Promise<string | undefined> {
  const root = makeRoot();
  const path = new URL("../../web/public/theme.js", import.meta.url);
  const code = await readFile(path, "utf8");
  runInNewContext(code, { localStorage: storage, document: { documentElement: root } });
  return root.dataset["theme"];
}

describe("the theme", () => {
  it("follows the system by default and after the choice is reset", () => {
    const root = makeRoot();
    const storage = new MemoryStorage();
    const theme = makeTheme(storage, root);
    expect(theme.current()).toBe("system");
    theme.choose("dark");
    expect(root.dataset["theme"]).toBe("dark");
    expect(theme.current()).toBe("dark");
    theme.choose("system");
    expect(root.dataset["theme"]).toBeUndefined();
    expect(storage.getItem(THEME_KEY)).toBeNull();
  });

  it("applies the stored choice before the first paint", async () => {
    const storage = new MemoryStorage();
    makeTheme(storage, makeRoot()).choose("light");
    expect(await boot(storage)).toBe("light");
    storage.setItem(THEME_KEY, "neon");
    expect(await boot(storage)).toBeUndefined();
  });

  it("works without storage", async () => {
    const theme = makeTheme(forbiddenStorage, makeRoot());
    theme.choose("dark");
    expect(theme.current()).toBe("dark");
    expect(await boot(forbiddenStorage)).toBeUndefined();
  });
});
