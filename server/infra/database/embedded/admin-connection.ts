import { realpath } from "node:fs/promises";

import pg from "pg";

import { ADMIN_ROLE } from "./cluster.ts";

/** The result of probing a PostgreSQL server. */
export type ProbeResult =
  /** It serves our data folder and accepts our password. */
  | "ours"
  /** It is starting, recovering or stopping: ask again. */
  | "not-yet"
  | "wrong-password"
  /** It responds but cannot be identified, for example because all connections are in use. */
  | "busy"
  /** No response, or a different PostgreSQL. */
  | "none";

/** Creates a superuser connection to the maintenance database of an embedded PostgreSQL. */
export function adminClient(port: number, password: string, timeoutMs: number): pg.Client {
  return new pg.Client({
    host: "127.0.0.1",
    port,
    user: ADMIN_ROLE,
    password,
    database: "postgres",
    ssl: false,
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
    application_name: `parley-owner ${process.pid}`,
  });
}

/**
 * Checks whether the server on a port is the PostgreSQL of a data folder.
 *
 * @param port TCP port on this machine
 * @param password of the superuser
 * @param dataDir the folder that it should serve
 * @param timeoutMs time limit
 */
export async function probe(
  port: number,
  password: string,
  dataDir: string,
  timeoutMs: number,
): Promise<ProbeResult> {
  const client = adminClient(port, password, timeoutMs);
  // A later connection error must not end the process; the query reports it.
  client.on("error", () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ data_directory: string }>("SHOW data_directory");
    return rows[0]?.data_directory === (await realpath(dataDir)) ? "ours" : "none";
  } catch (error) {
    const code = error instanceof pg.DatabaseError ? error.code : undefined;
    if (code === "57P03") return "not-yet";
    if (code === "28P01") return "wrong-password";
    return code === undefined ? "none" : "busy";
  } finally {
    await client.end().catch(() => undefined);
  }
}
