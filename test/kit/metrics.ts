import type { Endpoint } from "./socket.ts";

/** Returns a metric of an instance, by its name at /metrics. @throws if it does not exist */
export async function metricOf(endpoint: Endpoint, name: string): Promise<number> {
  const url = typeof endpoint === "string" ? endpoint : endpoint.url;
  const text = await (await fetch(new URL("/metrics", url))).text();
  const line = text.split("\n").find((each) => each.startsWith(`${name} `));
  if (line === undefined) throw new Error(`no ${name} among:\n${text}`);
  return Number(line.slice(name.length));
}
