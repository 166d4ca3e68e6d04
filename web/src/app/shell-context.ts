import { createContext, useContext } from "solid-js";
import type { Accessor } from "solid-js";

/** What any page can ask of the frame around it. */
export interface ShellHandle {
  /**
   * The path of the page that is shown. The router's own location changes inside a transition, and
   * a link that is made while one is under way would go on reading the path from before.
   */
  path: Accessor<string>;
  createRoom(): void;
  switchRoom(): void;
  showSessions(): void;
}

export const ShellContext = createContext<ShellHandle>();

/** The frame around the page. */
export function useShell(): ShellHandle {
  const shell = useContext(ShellContext);
  if (!shell) throw new Error("useShell needs a Shell above it");
  return shell;
}
