import type { WebSocketConstructor, WebSocketLike } from "./realtime/websocket.ts";

/** What `createParley` takes to speak to a server whose certificate no authority has signed. */
export interface Trusted {
  fetch: typeof globalThis.fetch;
  webSocketImpl: WebSocketConstructor;
}

/** As much of Node as is used here: the SDK itself needs none of it. */
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
    answered: (incoming: Incoming) => void,
  ): Outgoing;
}
type NodeWebSocket = new (url: string, protocols: string, options: { ca: string }) => WebSocketLike;

/**
 * Trusts one certificate and no other, on Node: for a server with a certificate of its own, such as
 * `npm run certs` makes. Names and dates are checked as ever. Needs the package `ws`.
 *
 *     createParley({ url, ...(await trustCertificate(await readFile("cert.pem", "utf8"))) });
 *
 * @param certificate the server's certificate, or that of the authority that signed it, as PEM
 */
export async function trustCertificate(certificate: string): Promise<Trusted> {
  // Not literals in the calls, so that bundlers for browsers leave them alone.
  const [https, sockets] = ["node:https", "ws"];
  const { request } = (await import(/* @vite-ignore */ /* webpackIgnore: true */ https)) as Https;
  const { WebSocket } = (await import(/* @vite-ignore */ /* webpackIgnore: true */ sockets)) as {
    WebSocket: NodeWebSocket;
  };
  return {
    fetch: async (input, init) => {
      const { url, method, headers, body, signal } = await partsOf(new Request(input, init));
      const incoming = await new Promise<Incoming>((resolve, reject) => {
        const options = { ca: certificate, method, headers, signal };
        const outgoing = request(url, options, resolve);
        outgoing.on("error", reject);
        outgoing.end(body);
      });
      return answerOf(incoming);
    },
    webSocketImpl: class extends WebSocket {
      constructor(url: string, protocols: string) {
        super(url, protocols, { ca: certificate });
      }
    },
  };
}

async function partsOf(request: Request): Promise<{
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

async function answerOf(incoming: Incoming): Promise<Response> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of incoming) text += decoder.decode(chunk, { stream: true });
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) {
    for (const one of [value ?? []].flat()) headers.append(name, one);
  }
  return new Response(text + decoder.decode(), { status: incoming.statusCode ?? 500, headers });
}
