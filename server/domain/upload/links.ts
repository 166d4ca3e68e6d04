import { createHmac, timingSafeEqual } from "node:crypto";

export type Variant = "original" | "thumbnail";

export const VARIANTS: readonly Variant[] = ["original", "thumbnail"];

/** A requested link. */
export interface Link {
  id: string;
  variant: Variant;
  /** Seconds since the Unix epoch. */
  expires: number;
  signature: string;
}

/** Signs links to files. */
export interface Links {
  /**
   * Returns path and query of a file, equal for all requests within a while, so that browsers can cache
   * it. Valid for one to two lifetimes.
   *
   * @param now milliseconds since the Unix epoch
   */
  make(id: string, variant: Variant, now: number): string;
  /** Whether the signature is valid and the link has not expired. */
  isValid(link: Link, now: number): boolean;
}

export interface LinksOptions {
  key: Uint8Array;
  /** Shortest validity of a link, in milliseconds. */
  lifetimeMs: number;
}

export function makeLinks({ key, lifetimeMs }: LinksOptions): Links {
  const sign = (id: string, variant: Variant, expires: number): string =>
    createHmac("sha256", key)
      .update(`${id}/${variant}/${String(expires)}`)
      .digest("base64url");
  return {
    make: (id, variant, now) => {
      const expires = Math.ceil(((Math.floor(now / lifetimeMs) + 2) * lifetimeMs) / 1_000);
      const signature = sign(id, variant, expires);
      return `/files/${id}/${variant}?expires=${String(expires)}&signature=${signature}`;
    },
    isValid: ({ id, variant, expires, signature }, now) => {
      const expected = Buffer.from(sign(id, variant, expires));
      const given = Buffer.from(signature);
      const isAuthentic = given.length === expected.length && timingSafeEqual(given, expected);
      return isAuthentic && expires * 1_000 > now;
    },
  };
}
