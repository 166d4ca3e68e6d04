import { createSignal } from "solid-js";
import type { JSX } from "solid-js";
import { Avatar } from "../design/Avatar.tsx";
import { Icon } from "../design/Icon.tsx";
import { Menu, MenuChoice, MenuItem, MenuLine, MenuTrigger } from "../design/Menu.tsx";
import { useOutbox } from "../conversation/outbox-context.tsx";
import { useSignedIn, useSession } from "../session/context.tsx";
import { clearUnsent } from "../session/unsent-storage.ts";
import { useShell } from "./shell-context.ts";
import { makeTheme } from "./theme.ts";
import type { Theme } from "./theme.ts";
import styles from "./ProfileMenu.module.css";

const THEMES = [
  { value: "system", label: "System" },
  { value: "light", label: "Light" },
  { value: "dark", label: "Dark" },
] as const;

const unsentWarning = (count: number): string =>
  count === 1
    ? "1 message hasn't been sent yet. Log out again to discard it."
    : `${count} messages haven't been sent yet. Log out again to discard them.`;

export function ProfileMenu(): JSX.Element {
  const signedIn = useSignedIn();
  const session = useSession();
  const { outbox } = useOutbox();
  const shell = useShell();
  const store = makeTheme(localStorage, document.documentElement);
  const [theme, setTheme] = createSignal<Theme>(store.current());
  const [problem, setProblem] = createSignal<string | undefined>();

  const choose = (next: Theme): void => {
    store.choose(next);
    setTheme(next);
  };
  let mayDiscard = false;
  const logOut = async (): Promise<void> => {
    const unsent = outbox.items.length;
    if (unsent > 0 && !mayDiscard) {
      mayDiscard = true;
      setProblem(unsentWarning(unsent));
      return;
    }
    const failure = await session.logOut();
    if (failure === undefined) clearUnsent([localStorage, sessionStorage], signedIn.me.id);
    else setProblem(failure);
  };
  return (
    <>
      <Menu
        placement="top-start"
        trigger={
          <MenuTrigger class={styles.trigger} aria-label={`Profile: ${signedIn.me.displayName}`}>
            <Avatar seed={signedIn.me.username} name={signedIn.me.displayName} />
            <span class={styles.text}>
              <span class={styles.name}>{signedIn.me.displayName}</span>
              <span class={styles.username}>@{signedIn.me.username}</span>
            </span>
            <Icon name="more" size={18} />
          </MenuTrigger>
        }
      >
        <MenuChoice label="Theme" value={theme()} options={THEMES} onChange={choose} />
        <MenuLine />
        <MenuItem icon="device" onSelect={() => shell.showSessions()}>
          Your sessions
        </MenuItem>
        <MenuItem icon="leave" onSelect={() => void logOut()}>
          Log out
        </MenuItem>
      </Menu>
      <p role="alert" class={styles.problem}>
        {problem()}
      </p>
    </>
  );
}
