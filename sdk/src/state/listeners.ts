/** Whoever wants to know that a state changed. */
export interface Listeners {
  /** Calls the listener after each change; the returned function ends that. */
  subscribe: (listener: () => void) => () => void;
  notify(): void;
}

export function makeListeners(): Listeners {
  const listeners = new Set<() => void>();
  return {
    subscribe(listener) {
      // Wrapped, so that the same function may be registered twice and removed once.
      const entry = (): void => listener();
      listeners.add(entry);
      return () => listeners.delete(entry);
    },
    notify() {
      for (const listener of [...listeners]) listener();
    },
  };
}
