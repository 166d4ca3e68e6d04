import { AwsClient } from "aws4fetch";
import { BlobMissingError, type BlobStore } from "./blob-store.ts";

export interface S3Options {
  /** `https://host` of the service, without the bucket. */
  endpoint: string;
  bucket: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
  /** Prefix of all object keys; may be empty. */
  prefix: string;
}

const TIMEOUT_MS = 30_000;
const ATTEMPTS = 3;
const RETRY_DELAY_MS = 200;
const MARK = "owner";

/** S3 returned an unexpected status. */
class S3Error extends Error {
  readonly status: number;
  constructor(what: string, status: number, body: string) {
    super(`S3 failed to ${what}: HTTP ${String(status)} ${textOf(body, "Code")[0] ?? ""}`.trim());
    this.name = "S3Error";
    this.status = status;
  }
}

/** Stores blobs as objects `<prefix>files/<folder>/<name>` in a bucket of any S3-compatible service. */
export function makeS3Store(options: S3Options): BlobStore {
  const { endpoint, bucket, prefix, ...access } = options;
  // Retries are implemented here, so that the time limit applies to each attempt.
  const client = new AwsClient({ ...access, service: "s3", retries: 0 });
  // The bucket is in the path, because not every service resolves it as a subdomain.
  const base = `${endpoint.replace(/\/+$/, "")}/${encodeURIComponent(bucket)}`;
  const root = `${prefix}files/`;
  const keyOf = (folder: string, name: string): string => `${root}${folder}/${name}`;

  /**
   * Returns null if the object does not exist. Every request may be repeated, because objects never
   * change.
   */
  const send = async (
    what: string,
    path: string,
    init: { method?: string; headers?: Record<string, string>; body?: Uint8Array } = {},
  ): Promise<{ status: number; bytes: Uint8Array } | null> => {
    for (let left = ATTEMPTS - 1; ; left -= 1) {
      try {
        const signal = AbortSignal.timeout(TIMEOUT_MS);
        const { body, ...rest } = init;
        const request = body === undefined ? rest : { ...rest, body: new Uint8Array(body) };
        // A redirect could lead to a host that the operator did not configure.
        const redirect = "manual";
        const response = await client.fetch(`${base}${path}`, { ...request, redirect, signal });
        const bytes = new Uint8Array(await response.arrayBuffer());
        if (response.ok) return { status: response.status, bytes };
        // For a PUT, 404 means that the bucket does not exist.
        if (response.status === 404 && init.method !== "PUT" && path.startsWith("/")) return null;
        throw new S3Error(what, response.status, Buffer.from(bytes).toString());
      } catch (error) {
        const isFinal = error instanceof S3Error && error.status < 500 && error.status !== 429;
        if (left === 0 || isFinal) throw error;
        await new Promise((resolve) => setTimeout(resolve, RETRY_DELAY_MS));
      }
    }
  };
  const pathOf = (key: string): string => `/${key.split("/").map(encodeURIComponent).join("/")}`;

  /** Lists the keys with a prefix, in pages. */
  async function* keys(under: string): AsyncGenerator<string[]> {
    for (let token: string | undefined; ;) {
      const query = new URLSearchParams({ "list-type": "2", prefix: under });
      if (token !== undefined) query.set("continuation-token", token);
      const response = await send("list objects", `?${query.toString()}`);
      const xml = Buffer.from(response?.bytes ?? []).toString();
      // All keys consist of UUIDs, so they need no unescaping.
      yield textOf(xml, "Key");
      [token] = textOf(xml, "NextContinuationToken");
      if (token === undefined) return;
    }
  }

  return {
    put: async (folder, name, bytes) => {
      await send("store an object", pathOf(keyOf(folder, name)), { method: "PUT", body: bytes });
    },
    read: async (folder, name, from, to) => {
      const headers = { range: `bytes=${String(from)}-${String(to - 1)}` };
      const response = await send("read an object", pathOf(keyOf(folder, name)), { headers });
      if (response === null) throw new BlobMissingError(folder, name);
      const { status, bytes } = response;
      // A service without range support returns the whole object.
      return status === 206 ? bytes.subarray(0, to - from) : bytes.subarray(from, to);
    },
    list: async (folder) => {
      const under = keyOf(folder, "");
      const names: string[] = [];
      for await (const page of keys(under))
        names.push(...page.map((key) => key.slice(under.length)));
      return names;
    },
    remove: async (folder, names) => {
      for (const name of names)
        await send("remove an object", pathOf(keyOf(folder, name)), { method: "DELETE" });
    },
    folders: async function* () {
      for await (const page of keys(root)) {
        yield [...new Set(page.map((key) => key.slice(root.length).split("/", 1)[0] ?? ""))];
      }
    },
    readMark: async () => {
      const response = await send("read the mark", pathOf(`${prefix}${MARK}`));
      return response === null ? null : Buffer.from(response.bytes).toString();
    },
    writeMark: async (text) => {
      const body = Buffer.from(text);
      await send("write the mark", pathOf(`${prefix}${MARK}`), { method: "PUT", body });
    },
  };
}

/** Returns the texts of all elements with a name, in a document that escapes only `&amp;`. */
function textOf(xml: string, element: string): string[] {
  const found = xml.matchAll(new RegExp(`<${element}>([^<]*)</${element}>`, "g"));
  return [...found].map(([, text = ""]) => text.replaceAll("&amp;", "&"));
}
