import type { Endpoint } from "./socket.ts";

/** A figure of an instance, by its name at /metrics. @throws when there is none of that name */
export async function metricOf(endpoint: Endpoint, name: string): Promise<number> {
  const url = typeof endpoint === "string" ? endpoint : endpoint.url;
  const text = await (await fetch(new URL("/metrics", url))).text();
  const line = text.split("\n").find((each) => each.startsWith(`${name} `));
  if (line === undefined) throw new Error(`no ${name} among:\n${text}`);
  return Number(line.slice(name.length));
}
