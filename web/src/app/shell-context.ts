import { createContext, useContext } from "solid-js";
import type { Accessor } from "solid-js";

export interface ShellHandle {
  /**
   * The path of the current page. The router's own location changes inside a transition; a link
   * created during the transition would keep reading the old path.
   */
  path: Accessor<string>;
  createRoom(): void;
  switchRoom(): void;
  showSessions(): void;
}

export const ShellContext = createContext<ShellHandle>();

export function useShell(): ShellHandle {
  const shell = useContext(ShellContext);
  if (!shell) throw new Error("useShell needs a Shell above it");
  return shell;
}
