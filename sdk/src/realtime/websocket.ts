/**
 * The part of the WebSocket API that the SDK uses. Browsers, Node and the package `ws` implement
 * it.
 */
export interface WebSocketLike {
  readonly readyState: number;
  send(data: string): void;
  close(code?: number, reason?: string): void;
  /** Drops the connection immediately. Only `ws` has it. */
  terminate?(): void;
  addEventListener(type: "open" | "error", listener: () => void): void;
  addEventListener(type: "message", listener: (event: { data: unknown }) => void): void;
  addEventListener(
    type: "close",
    listener: (event: { code: number; reason: string }) => void,
  ): void;
}

export type WebSocketConstructor = new (url: string, protocols: string) => WebSocketLike;

/**
 * Finds the WebSocket class: the given one, the platform's, or the package `ws` on Node before 22.
 *
 * @throws Error if none exists
 */
export async function findWebSocket(
  given: WebSocketConstructor | undefined,
): Promise<WebSocketConstructor> {
  if (given !== undefined) return given;
  const platform = (globalThis as { WebSocket?: WebSocketConstructor }).WebSocket;
  if (platform !== undefined) return platform;
  // A variable rather than a literal in `import()`, so that browser bundlers skip the package.
  const name = "ws";
  try {
    const loaded = (await import(/* @vite-ignore */ /* webpackIgnore: true */ name)) as {
      WebSocket: WebSocketConstructor;
    };
    return loaded.WebSocket;
  } catch (cause) {
    throw new Error(
      "This platform has no WebSocket. Install the package `ws`, or pass `webSocketImpl`.",
      { cause },
    );
  }
}

/** Converts the endpoint's HTTP URL to its WebSocket URL. */
export function webSocketUrl(url: string): string {
  return url.replace(/^http/i, "ws");
}
