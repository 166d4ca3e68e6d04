import { createHmac, timingSafeEqual } from "node:crypto";

export type Variant = "original" | "thumbnail";

export const VARIANTS: readonly Variant[] = ["original", "thumbnail"];

/** An address as it was asked for. */
export interface Link {
  id: string;
  variant: Variant;
  /** Seconds since the epoch. */
  expires: number;
  signature: string;
}

/** Signs the addresses of files. */
export interface Links {
  /**
   * Path and query of a file, the same for everyone who asks within a while, so that browsers keep it.
   * Good for one to two lifetimes.
   *
   * @param now milliseconds since the epoch
   */
  make(id: string, variant: Variant, now: number): string;
  /** Whether the address is one of ours and its time is not over. */
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
      const isOurs = given.length === expected.length && timingSafeEqual(given, expected);
      return isOurs && expires * 1_000 > now;
    },
  };
}
