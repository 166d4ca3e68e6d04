// `npm run certs` creates a development certificate for this machine; `npm run certs -- chat.test
// 10.0.0.5` also for these names and addresses. It is self-signed, so browsers warn about it.
import { mkdir, writeFile } from "node:fs/promises";
import { isIP } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { generate } from "selfsigned";

const LIFETIME_MS = 365 * 86_400_000;
const OWN_NAMES = ["localhost", "127.0.0.1", "::1"];

/** Paths of a certificate and its key in PEM format. */
export interface Certificate {
  cert: string;
  key: string;
}

/**
 * Writes a new pair into a folder; only the owner can read the key.
 *
 * @param names further names and addresses, besides this machine's
 */
export async function makeCertificate(
  folder: string,
  names: readonly string[] = [],
): Promise<Certificate> {
  const altNames = [...new Set([...OWN_NAMES, ...names])].map((name) =>
    isIP(name) === 0 ? { type: 2 as const, value: name } : { type: 7 as const, ip: name },
  );
  const pair = await generate([{ name: "commonName", value: names[0] ?? "localhost" }], {
    keyType: "ec",
    algorithm: "sha256",
    notAfterDate: new Date(Date.now() + LIFETIME_MS),
    extensions: [
      // A certificate authority that signs nothing else, so that programs can trust it.
      { name: "basicConstraints", cA: true, pathLenConstraint: 0, critical: true },
      { name: "keyUsage", digitalSignature: true, keyCertSign: true, critical: true },
      { name: "extKeyUsage", serverAuth: true },
      { name: "subjectAltName", altNames },
    ],
  });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const paths = { cert: join(folder, "cert.pem"), key: join(folder, "key.pem") };
  await writeFile(paths.key, pair.private, { mode: 0o600 });
  await writeFile(paths.cert, pair.cert);
  return paths;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { cert, key } = await makeCertificate(".parley/tls", process.argv.slice(2));
  process.stdout.write(
    `Created ${cert} and ${key}, valid for a year. Start the server with them:\n\n` +
      `  TLS_CERT=${cert} TLS_KEY=${key} npm start\n\n` +
      `Programs trust it with NODE_EXTRA_CA_CERTS=${cert}, or as sdk/README.md says.\n`,
  );
}
