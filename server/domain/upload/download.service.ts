import type { BlobStore } from "../../infra/blobs/blob-store.ts";
import type { Clock } from "../../kernel/clock.ts";
import { NotFoundError } from "../../kernel/errors.ts";
import { LinkInvalidError } from "./upload.errors.ts";
import type { AttachmentRecord } from "./attachment.record.ts";
import { makeLinks, type Link, type Links, type Variant } from "./links.ts";
import { canDownload } from "./upload.policy.ts";
import type { UploadStore, UploadUse, UsedUpload } from "./upload.store.ts";

export { VARIANTS, type Link, type Variant } from "./links.ts";

/** Uses of files whose owners restrict who may see them. */
export type OwnedUse = Exclude<UploadUse, "USER">;

/** A file that the viewer may download. */
export interface Download {
  name: string;
  mediaType: string;
  /** Whether browsers may display it: a re-encoded picture. They download everything else. */
  isSafe: boolean;
  /** Bytes. */
  size: number;
  /** Seconds for which browsers may cache it. */
  maxAge: number;
  /** Reads the bytes from `from` to `to` (exclusive), in pieces of at most a few megabytes. */
  read(from: number, to: number): AsyncIterable<Uint8Array>;
}

/** Returns those of some messages or rooms, by id, that the viewer may see now. */
export type VisibleOwners = (
  viewerId: string,
  ownerIds: readonly string[],
) => Promise<ReadonlySet<string>>;

export interface DownloadService {
  /**
   * Registers who may see files of one use. Files of a use without registration are invisible. The
   * slices of the owners register, so that this slice does not depend on them.
   */
  registerOwners(use: OwnedUse, visible: VisibleOwners): void;
  /** Returns path and query of a file, which permitted users can request. */
  link(id: string, variant: Variant): Promise<string>;
  /**
   * Opens a file for a user who has its link and may see it now.
   *
   * @throws LinkInvalidError NotFoundError
   */
  open(viewerId: string, link: Link): Promise<Download>;
  /**
   * Files of messages, in the order of `ids`; null for files that do not exist or that the viewer may not
   * see.
   */
  visibleByIds(viewerId: string, ids: readonly string[]): Promise<(AttachmentRecord | null)[]>;
}

export interface DownloadServiceOptions {
  store: UploadStore;
  blobs: BlobStore;
  clock: Clock;
  /** The key that signs links, equal on all instances. */
  key: () => Promise<Uint8Array>;
  /** Minimum validity of a link. */
  linkMs: number;
}

export function makeDownloadService(options: DownloadServiceOptions): DownloadService {
  const { store, blobs, clock } = options;
  const owners = new Map<OwnedUse, VisibleOwners>();
  let links: Promise<Links> | null = null;
  const ready = (): Promise<Links> => {
    links ??= options.key().then(
      (key) => makeLinks({ key, lifetimeMs: options.linkMs }),
      (error: unknown) => {
        // The database was unavailable; retried at the next use.
        links = null;
        throw error;
      },
    );
    return links;
  };

  /** Returns those of the files that the viewer may download now. */
  const visible = async (viewerId: string, files: readonly UsedUpload[]): Promise<UsedUpload[]> => {
    const seen = new Set<string>();
    for (const [use, visibleOwners] of owners) {
      const ids = new Set(
        files.flatMap(({ usedBy, usedById }) => (usedBy === use ? usedById : [])),
      );
      if (ids.size === 0) continue;
      for (const id of await visibleOwners(viewerId, [...ids])) seen.add(id);
    }
    return files.filter(({ usedBy, usedById }) => canDownload(usedBy, seen.has(usedById)));
  };

  return {
    registerOwners: (use, visibleOwners) => {
      owners.set(use, visibleOwners);
    },
    link: async (id, variant) => (await ready()).make(id, variant, clock.now()),
    open: async (viewerId, link) => {
      const now = clock.now();
      if (!(await ready()).isValid(link, now)) throw new LinkInvalidError();
      const [file] = await visible(viewerId, await store.findUsed([link.id]));
      if (file === undefined) throw new NotFoundError("file");
      const { record, thumbnail } = file;
      const common = {
        isSafe: record.picture !== null,
        maxAge: Math.floor(link.expires - now / 1_000),
      };
      if (link.variant === "original") {
        const { name, mediaType, size } = record;
        const read = (from: number, to: number) => pieces(blobs, file, from, to);
        return { ...common, name, mediaType, size, read };
      }
      if (thumbnail === null) throw new NotFoundError("file");
      const whole = { id: file.id, parts: [thumbnail.name], partBytes: thumbnail.bytes };
      return {
        ...common,
        name: `${record.name}.webp`,
        mediaType: "image/webp",
        size: thumbnail.bytes,
        read: (from, to) => pieces(blobs, whole, from, to),
      };
    },
    visibleByIds: async (viewerId, ids) => {
      const files = (await store.findUsed(ids)).filter(({ usedBy }) => usedBy === "MESSAGE");
      const byId = new Map((await visible(viewerId, files)).map((file) => [file.id, file.record]));
      return ids.map((id) => byId.get(id) ?? null);
    },
  };
}

/** Yields one part after the other; reads the next one only after the previous one was consumed. */
async function* pieces(
  blobs: BlobStore,
  { id, parts, partBytes }: Pick<UsedUpload, "id" | "parts" | "partBytes">,
  from: number,
  to: number,
): AsyncGenerator<Uint8Array> {
  for (let at = from; at < to;) {
    const index = Math.floor(at / partBytes);
    const start = index * partBytes;
    const name = parts[index];
    if (name === undefined) throw new Error(`The file ${id} has no part ${String(index)}`);
    const end = Math.min(to, start + partBytes);
    yield await blobs.read(id, name, at - start, end - start);
    at = end;
  }
}
