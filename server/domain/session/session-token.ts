import { createHash, randomBytes } from "node:crypto";

/** Generates a token of 256 random bits. */
export function newToken(): string {
  return randomBytes(32).toString("base64url");
}

/** A token has 256 random bits, so a fast hash protects the stored form. */
export function hashToken(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
