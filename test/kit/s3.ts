import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import S3rver from "@20minutes/s3rver";
import { inject } from "vitest";
import { onRelease } from "./resources.ts";

const BUCKET = "parley-test";
/** The only key that the emulator knows; it checks signatures with it. */
const KEY = "S3RVER";

/** An S3-compatible server for one test. */
export interface TestS3 {
  /** Settings of an instance that stores its files there. */
  readonly env: Readonly<Record<string, string>>;
  readonly endpoint: string;
}

/** Starts an S3-compatible server with an empty bucket. Stopped after the test file. */
export async function startS3(): Promise<TestS3> {
  const server = new S3rver({
    address: "127.0.0.1",
    port: 0,
    silent: true,
    vhostBuckets: false,
    directory: await mkdtemp(join(inject("scratch"), "s3-")),
    configureBuckets: [{ name: BUCKET, configs: [] }],
  });
  const { port } = await server.run();
  onRelease(() => server.close());
  const endpoint = `http://127.0.0.1:${port}`;
  return {
    endpoint,
    env: {
      S3_ENDPOINT: endpoint,
      S3_BUCKET: BUCKET,
      S3_REGION: "us-east-1",
      S3_ACCESS_KEY_ID: KEY,
      S3_SECRET_ACCESS_KEY: KEY,
      S3_PREFIX: "parley/",
    },
  };
}
