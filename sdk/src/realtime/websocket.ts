/** What is used of a WebSocket; browsers', Node's and the package `ws`'s all fit. */
export interface WebSocketLike {
  readonly readyState: number;
  send(data: string): void;
  close(code?: number, reason?: string): void;
  /** Only `ws` has it: gives up on the peer at once. */
  terminate?(): void;
  addEventListener(type: "open" | "error", listener: () => void): void;
  addEventListener(type: "message", listener: (event: { data: unknown }) => void): void;
  addEventListener(
    type: "close",
    listener: (event: { code: number; reason: string }) => void,
  ): void;
}

/** A WebSocket class. */
export type WebSocketConstructor = new (url: string, protocols: string) => WebSocketLike;

/**
 * The WebSocket class to use: the given one, the platform's, or, on Node before 22, the one of the
 * package `ws`.
 *
 * @throws Error when there is none
 */
export async function findWebSocket(
  given: WebSocketConstructor | undefined,
): Promise<WebSocketConstructor> {
  if (given !== undefined) return given;
  const platform = (globalThis as { WebSocket?: WebSocketConstructor }).WebSocket;
  if (platform !== undefined) return platform;
  // Not a literal in the call, so that bundlers for browsers do not pull the package in.
  const name = "ws";
  try {
    const loaded = (await import(/* @vite-ignore */ /* webpackIgnore: true */ name)) as {
      WebSocket: WebSocketConstructor;
    };
    return loaded.WebSocket;
  } catch (cause) {
    throw new Error(
      "This platform has no WebSocket: install the package `ws`, or pass `webSocketImpl`.",
      { cause },
    );
  }
}

/** The address of the socket that belongs to an HTTP address. */
export function webSocketUrl(url: string): string {
  return url.replace(/^http/i, "ws");
}
