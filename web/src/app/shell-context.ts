import { createContext, useContext } from "solid-js";

/** What any page can ask of the frame around it. */
export interface ShellHandle {
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
