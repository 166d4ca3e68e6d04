import type { WebSocketConstructor, WebSocketLike } from "./realtime/websocket.ts";

/** Options for `createParley` that trust one self-signed certificate. */
export interface Trusted {
  fetch: typeof globalThis.fetch;
  webSocketImpl: WebSocketConstructor;
}

/** The parts of Node's API used here. The SDK does not depend on Node's types. */
interface Incoming extends AsyncIterable<Uint8Array> {
  readonly statusCode?: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}
interface Outgoing {
  on(event: "error", listener: (error: Error) => void): unknown;
  end(body: string | undefined): void;
}
interface Https {
  request(
    url: URL,
    options: {
      ca: string;
      method: string;
      headers: Record<string, string>;
      signal: AbortSignal | undefined;
    },
    onResponse: (incoming: Incoming) => void,
  ): Outgoing;
}
type NodeWebSocket = new (url: string, protocols: string, options: { ca: string }) => WebSocketLike;

/**
 * Creates client options that trust one certificate and no other, such as one that `npm run certs`
 * creates. The certificate's names and dates are still checked. Requires Node and the package `ws`.
 *
 *     createParley({ url, ...(await trustCertificate(await readFile("cert.pem", "utf8"))) });
 *
 * @param certificate the server's certificate, or that of the authority that signed it, as PEM
 * @returns options for `createParley`
 * @throws Error if the package `ws` is not installed
 */
export async function trustCertificate(certificate: string): Promise<Trusted> {
  // Variables rather than literals in `import()`, so that browser bundlers skip these modules.
  const [https, sockets] = ["node:https", "ws"];
  const { request } = (await import(/* @vite-ignore */ /* webpackIgnore: true */ https)) as Https;
  const { WebSocket } = (await import(/* @vite-ignore */ /* webpackIgnore: true */ sockets)) as {
    WebSocket: NodeWebSocket;
  };
  return {
    fetch: async (input, init) => {
      const { url, method, headers, body, signal } = await readRequest(new Request(input, init));
      const incoming = await new Promise<Incoming>((resolve, reject) => {
        const options = { ca: certificate, method, headers, signal };
        const outgoing = request(url, options, resolve);
        outgoing.on("error", reject);
        outgoing.end(body);
      });
      return toResponse(incoming);
    },
    webSocketImpl: class extends WebSocket {
      constructor(url: string, protocols: string) {
        super(url, protocols, { ca: certificate });
      }
    },
  };
}

async function readRequest(request: Request): Promise<{
  url: URL;
  method: string;
  headers: Record<string, string>;
  body: string | undefined;
  signal: AbortSignal | undefined;
}> {
  const { method, signal } = request;
  const headers: Record<string, string> = {};
  request.headers.forEach((value, name) => {
    headers[name] = value;
  });
  const body = request.body === null ? undefined : await request.text();
  return { url: new URL(request.url), method, headers, body, signal };
}

async function toResponse(incoming: Incoming): Promise<Response> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of incoming) text += decoder.decode(chunk, { stream: true });
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) {
    for (const one of [value ?? []].flat()) headers.append(name, one);
  }
  return new Response(text + decoder.decode(), { status: incoming.statusCode ?? 500, headers });
}
