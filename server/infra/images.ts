import type sharp from "sharp";
import type { Metadata, Sharp } from "sharp";
import { DomainError } from "../kernel/errors.ts";
import { makeGate } from "./gate.ts";

/** The picture is corrupt, truncated, or not a picture. */
export class PictureInvalidError extends DomainError {
  readonly code = "PICTURE_INVALID";
  constructor(options?: ErrorOptions) {
    super("This picture is corrupt and cannot be read.", options);
  }
}

/** The picture exceeds the pixel limit. */
export class PictureTooLargeError extends DomainError {
  readonly code = "PICTURE_TOO_LARGE";
  constructor(pixels: number) {
    super(`A picture may have at most ${String(pixels)} pixels in all its frames.`);
  }
}

/**
 * Decodable raster formats and the format in which each is stored. Formats that some browsers do not know
 * become WebP.
 */
const FORMATS: Readonly<Record<string, Format>> = {
  "image/jpeg": { reads: "jpeg", writes: "jpeg" },
  "image/png": { reads: "png", writes: "png" },
  "image/apng": { reads: "png", writes: "png" },
  "image/gif": { reads: "gif", writes: "gif" },
  "image/webp": { reads: "webp", writes: "webp" },
  "image/avif": { reads: "heif", writes: "webp" },
  "image/tiff": { reads: "tiff", writes: "webp" },
};

interface Format {
  /** libvips's name of the format. */
  reads: string;
  writes: "jpeg" | "png" | "gif" | "webp";
}

/** Maximum side of a stored picture, in pixels, which every format and browser supports. */
const LONGEST_SIDE = 8_192;
const THUMBNAIL_SIDE = 720;
const PREVIEW_SIDE = 20;
const AVATAR_SIDE = 512;
const AVATAR_THUMBNAIL_SIDE = 96;
/** Time limit of one step, in seconds. */
const TIME_LIMIT = 30;
const RETRY_AFTER_MS = 2_000;

export interface MadePicture {
  mediaType: string;
  bytes: Buffer;
  /** In pixels, as displayed. */
  width: number;
  height: number;
  isAnimated: boolean;
  thumbnail: { bytes: Buffer; width: number; height: number };
  /** A tiny blurred preview as a `data:` URL. */
  preview: string;
}

/** Makes pictures safe to display: decodes and re-encodes them upright and without metadata. */
export interface Images {
  /** Whether this media type can be processed. */
  canRead(mediaType: string): boolean;
  /**
   * Processes a picture and creates a thumbnail in WebP. Animations stay animated; their thumbnail is
   * still.
   *
   * @param load returns the bytes when processing starts
   * @throws PictureInvalidError PictureTooLargeError OverloadedError
   */
  make(mediaType: string, load: () => Promise<Uint8Array>): Promise<MadePicture>;
  /** The same, cropped to a square of fixed size from the centre. */
  makeSquare(mediaType: string, load: () => Promise<Uint8Array>): Promise<MadePicture>;
}

export interface ImageLimits {
  /** Maximum number of pixels of a picture, in all frames of an animation. */
  pixels: number;
  /** Maximum number of pictures processed in parallel. */
  concurrency: number;
  /** Maximum number of waiting pictures. */
  queue: number;
}

let loading: Promise<typeof sharp> | null = null;

/** Loads libvips for the first picture, so that a start does not wait for it. */
function loadSharp(): Promise<typeof sharp> {
  loading ??= import("sharp").then(({ default: library }) => {
    // Each picture is processed once, so caching is useless; the gate sets the number of threads.
    library.cache(false);
    library.concurrency(1);
    return library;
  });
  return loading;
}

/** Runs on threads of libuv's pool, never on the event loop. */
export function makeImages(limits: ImageLimits): Images {
  const gate = makeGate({
    concurrency: limits.concurrency,
    queueLimit: limits.queue,
    retryAfterMs: RETRY_AFTER_MS,
  });
  const open = (library: typeof sharp, bytes: Uint8Array, animated: boolean): Sharp =>
    library(bytes, { animated, failOn: "error", limitInputPixels: limits.pixels }).timeout({
      seconds: TIME_LIMIT,
    });

  /** Reads only the header, so that a picture with too many pixels is never decoded. */
  const inspect = async (bytes: Uint8Array, format: Format): Promise<Metadata> => {
    const library = await loadSharp();
    const header = library(bytes, { failOn: "error", limitInputPixels: false });
    const metadata = await rejectInvalid(() => header.metadata());
    if (metadata.format !== format.reads) throw new PictureInvalidError();
    const { width, height } = metadata;
    if (width * height * (metadata.pages ?? 1) > limits.pixels) {
      throw new PictureTooLargeError(limits.pixels);
    }
    return metadata;
  };

  const formatOf = (mediaType: string): Format => {
    const format = FORMATS[mediaType];
    if (format === undefined) throw new PictureInvalidError();
    return format;
  };

  return {
    canRead: (mediaType) => Object.hasOwn(FORMATS, mediaType),
    make: (mediaType, load) =>
      gate(async () => {
        const format = formatOf(mediaType);
        const bytes = await load();
        const { pages = 1 } = await inspect(bytes, format);
        const library = await loadSharp();
        const isAnimated = pages > 1 && (format.writes === "gif" || format.writes === "webp");
        const fit = { width: LONGEST_SIDE, height: LONGEST_SIDE, fit: "inside" } as const;
        const whole = open(library, bytes, isAnimated).autoOrient();
        const made = await encode(
          isAnimated ? whole : whole.resize({ ...fit, withoutEnlargement: true }),
          format,
        );
        return {
          ...made,
          isAnimated,
          ...(await makeThumbnail(open(library, bytes, false), THUMBNAIL_SIDE, "inside")),
        };
      }),
    makeSquare: (mediaType, load) =>
      gate(async () => {
        const bytes = await load();
        await inspect(bytes, formatOf(mediaType));
        const library = await loadSharp();
        const square = open(library, bytes, false)
          .autoOrient()
          .resize({ width: AVATAR_SIDE, height: AVATAR_SIDE, fit: "cover" });
        const made = await encode(square, { reads: "", writes: "webp" });
        return {
          ...made,
          isAnimated: false,
          ...(await makeThumbnail(open(library, bytes, false), AVATAR_THUMBNAIL_SIDE, "cover")),
        };
      }),
  };
}

/** sharp removes metadata and converts colours to sRGB by default. */
async function encode(
  image: Sharp,
  { writes }: Format,
): Promise<Pick<MadePicture, "mediaType" | "bytes" | "width" | "height">> {
  const output = {
    jpeg: () => image.jpeg({ quality: 90 }),
    png: () => image.png(),
    gif: () => image.gif({ effort: 3 }),
    webp: () => image.webp({ quality: 88, effort: 3 }),
  }[writes]();
  const { data, info } = await rejectInvalid(() => output.toBuffer({ resolveWithObject: true }));
  const { width, height, pageHeight } = info;
  return { mediaType: `image/${writes}`, bytes: data, width, height: pageHeight ?? height };
}

async function makeThumbnail(
  image: Sharp,
  side: number,
  fit: "inside" | "cover",
): Promise<Pick<MadePicture, "thumbnail" | "preview">> {
  const { data, info } = await rejectInvalid(() =>
    image
      .autoOrient()
      .resize({ width: side, height: side, fit, withoutEnlargement: fit === "inside" })
      .webp({ quality: 76 })
      .toBuffer({ resolveWithObject: true }),
  );
  const library = await loadSharp();
  const preview = await library(data)
    .resize({ width: PREVIEW_SIDE, height: PREVIEW_SIDE, fit: "inside" })
    .blur(1)
    .webp({ quality: 30 })
    .toBuffer();
  return {
    thumbnail: { bytes: data, width: info.width, height: info.height },
    preview: `data:image/webp;base64,${preview.toString("base64")}`,
  };
}

/** Converts errors of libvips to one error: for a user, each of them means that the picture is invalid. */
async function rejectInvalid<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new PictureInvalidError({ cause: error });
  }
}
