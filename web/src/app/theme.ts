export type Theme = "system" | "light" | "dark";

/** Also read by `public/theme.js`, before the first paint. */
export const THEME_KEY = "parley.theme";

export interface ThemeStore {
  current(): Theme;
  choose(theme: Theme): void;
}

/**
 * Light, dark, or what the system says. Storage that is forbidden costs only the memory of it.
 *
 * @param storage where the choice is kept on this device, normally `localStorage`
 * @param root whose `data-theme` the styles look at, normally the document element
 */
export function makeTheme(
  storage: Pick<Storage, "getItem" | "setItem" | "removeItem">,
  root: { dataset: DOMStringMap },
): ThemeStore {
  return {
    current: () => {
      const chosen = root.dataset["theme"];
      return chosen === "light" || chosen === "dark" ? chosen : "system";
    },
    choose: (theme) => {
      if (theme === "system") delete root.dataset["theme"];
      else root.dataset["theme"] = theme;
      try {
        if (theme === "system") storage.removeItem(THEME_KEY);
        else storage.setItem(THEME_KEY, theme);
      } catch {
        // The choice then lasts until the tab is closed.
      }
    },
  };
}
