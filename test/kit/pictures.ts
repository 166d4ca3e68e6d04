import { crc32, deflateSync } from "node:zlib";
import sharp from "sharp";

/** The camera's location in EXIF, and words that no stripped picture contains. */
export const SECRET_PLACE = "52/1 31/1 12/1";
export const SECRET_CAMERA = "SecretCam 9000";

/** Creates a picture of one colour, or of incompressible noise. */
export function picture(
  format: "png" | "jpeg" | "webp" | "gif" | "avif" | "tiff",
  width = 80,
  height = 60,
): Promise<Buffer> {
  const background = { r: 200, g: 40, b: 40 };
  const image = sharp({ create: { width, height, channels: 3, background } });
  return image.toFormat(format).toBuffer();
}

/** Creates a JPEG that compresses badly. */
export function noise(width: number, height: number): Promise<Buffer> {
  const background = { r: 0, g: 0, b: 0 };
  const gaussian = { type: "gaussian" as const, mean: 128, sigma: 60 };
  return sharp({ create: { width, height, channels: 3, background, noise: gaussian } })
    .jpeg({ quality: 100 })
    .toBuffer();
}

/** Creates a rotated JPEG that contains location and camera data. */
export async function pictureWithMetadata(): Promise<Buffer> {
  const plain = await sharp({
    create: { width: 120, height: 80, channels: 3, background: { r: 20, g: 90, b: 160 } },
  })
    .jpeg()
    .withExif({
      IFD0: { Make: SECRET_CAMERA, Copyright: "Ada" },
      IFD3: { GPSLatitudeRef: "N", GPSLatitude: SECRET_PLACE },
    })
    .toBuffer();
  return sharp(plain).keepExif().withMetadata({ orientation: 6 }).jpeg().toBuffer();
}

/** Creates an animation of a few frames. */
export async function animation(): Promise<Buffer> {
  const frames = await Promise.all(
    [0, 120, 240].map((r) =>
      sharp({ create: { width: 40, height: 30, channels: 3, background: { r, g: 10, b: 10 } } })
        .png()
        .toBuffer(),
    ),
  );
  return sharp(frames, { join: { animated: true } })
    .gif()
    .toBuffer();
}

/** Creates a PNG of a few kilobytes that decodes to gigabytes: one colour, 30,000 pixels square. */
export function bomb(side = 30_000): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  // One bit per pixel, grey.
  header.set([1, 0, 0, 0, 0], 8);
  const rows = Buffer.alloc(side * (1 + Math.ceil(side / 8)));
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(rows, { level: 9 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const ends = Buffer.alloc(8);
  ends.writeUInt32BE(data.length, 0);
  ends.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
}
