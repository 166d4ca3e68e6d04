export type Theme = "system" | "light" | "dark";

/** `public/theme.js` also reads this key, before the first paint. */
export const THEME_KEY = "parley.theme";

export interface ThemeStore {
  current(): Theme;
  choose(theme: Theme): void;
}

/**
 * The theme: light, dark, or the system's. Without storage, the choice lasts until the tab closes.
 *
 * @param storage stores the choice on this device, normally `localStorage`
 * @param root the element with the `data-theme` attribute, normally the document element
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
        // Without storage, the choice lasts until the tab closes.
      }
    },
  };
}
