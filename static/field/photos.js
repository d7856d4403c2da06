// Photos: upright, at most 1600 px, JPEG, with nothing inside but the picture: place, time and phone never leave it.
// Only HEIC that this browser can't decode goes as it was taken, and bare of all that, too (heif.js).

import { bare } from "./heif.js";
import { addPhoto } from "./records.js";

const LONGEST = 1600;
const QUALITY = 0.8;
const THUMB = 240;
const LARGEST = 15_000_000; // the server's limit
const PLENTY = 20_000_000; // pixels; beyond that a phone may lack the memory for a sound photo

// --- what it is -------------------------------------------------------------------------------------------------------

/** The type by the first bytes: what the camera's file name says doesn't count. Or "". */
export function typeOf(bytes) {
  const head = new Uint8Array(bytes.slice(0, 12));
  const text = String.fromCharCode(...head);
  if (head[0] === 0xff && head[1] === 0xd8) return "image/jpeg";
  if (text.startsWith("\x89PNG")) return "image/png";
  if (text.startsWith("GIF8")) return "image/gif";
  if (text.startsWith("RIFF") && text.slice(8) === "WEBP") return "image/webp";
  if (text.slice(4, 10) === "ftypav") return "image/avif";
  if (text.slice(4, 8) === "ftyp" && /^(hei|hev|mif|msf)/.test(text.slice(8))) return "image/heic";
  return "";
}

// --- decoding ---------------------------------------------------------------------------------------------------------

/** Width and height of the upright picture; its header is read and no pixel. Null where this browser doesn't know it. */
function sizeOf(image) {
  return new Promise((resolve) => {
    image.onload = () => resolve({ width: image.naturalWidth, height: image.naturalHeight });
    image.onerror = () => resolve(null);
  });
}

const scaleOf = ({ width, height }, longest) => Math.min(1, longest / Math.max(width, height));

/** Never larger in memory than needed, and decoded beside the page. */
async function bitmap(file, size, longest) {
  const options = { imageOrientation: "from-image" };
  if (scaleOf(size, longest) < 1) {
    options.resizeQuality = "medium";
    options[size.width >= size.height ? "resizeWidth" : "resizeHeight"] = longest;
  }
  const made = await createImageBitmap(file, options);
  if (made.width > made.height === size.width > size.height) return made;
  made.close(); // an old browser left it lying on its side
  throw new TypeError("not upright");
}

const isBroken = (error, type, { width, height }) =>
  error.name === "InvalidStateError" && type !== "image/heic" && width * height <= PLENTY;

/** The picture upright, ready to be drawn; null where it is broken. */
async function decode(file, type, longest) {
  if (typeof Image === "undefined") return createImageBitmap(file).catch(() => null); // the service worker has no elements
  const image = new Image();
  const sized = sizeOf(image);
  image.src = URL.createObjectURL(file);
  try {
    const size = await sized;
    if (!size) return null;
    return await bitmap(file, size, longest).catch((error) => (isBroken(error, type, size) ? null : image));
  } finally {
    URL.revokeObjectURL(image.src);
  }
}

function surface(width, height) {
  if (typeof document === "undefined") return new OffscreenCanvas(width, height);
  return Object.assign(document.createElement("canvas"), { width, height });
}

function draw(picture, longest) {
  const size = { width: picture.naturalWidth || picture.width, height: picture.naturalHeight || picture.height };
  const scale = scaleOf(size, longest);
  const canvas = surface(Math.max(1, Math.round(size.width * scale)), Math.max(1, Math.round(size.height * scale)));
  const pen = canvas.getContext("2d", { alpha: false });
  pen.fillStyle = "#fff"; // what was transparent
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas;
}

async function jpeg(canvas, quality) {
  const blob = canvas.convertToBlob
    ? await canvas.convertToBlob({ type: "image/jpeg", quality })
    : await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", quality));
  return blob && blob.arrayBuffer();
}

const release = (canvas) => (canvas.width = canvas.height = 0); // gives the memory back on iPhones

/** {bytes, type, thumb} of a picture made smaller, or null where it is broken or this browser can't decode it. */
export async function shrink(file, { longest = LONGEST, quality = QUALITY } = {}) {
  const type = typeOf(await file.slice(0, 12).arrayBuffer());
  const picture = type && (await decode(file, type, longest));
  if (!picture) return null;
  const large = draw(picture, longest);
  picture.close?.(); // only bitmaps hold memory of their own
  const small = draw(large, THUMB);
  try {
    const bytes = await jpeg(large, quality);
    return bytes && { bytes, type: "image/jpeg", thumb: await jpeg(small, 0.6) };
  } finally {
    release(large);
    release(small);
  }
}

// --- keeping ----------------------------------------------------------------------------------------------------------

/** What to keep of a file from the camera: {photo: {bytes, type, thumb}, words}, or {words} where it can't be kept. */
export async function readPhoto(file) {
  const photo = await shrink(file).catch(() => null);
  if (photo) return { photo, words: "photo_saved" };
  if (typeOf(await file.slice(0, 12).arrayBuffer()) !== "image/heic") return { words: "photo_unreadable" };
  if (file.size > LARGEST) return { words: "photo_too_large" };
  const bytes = bare(await file.arrayBuffer());
  return bytes ? { photo: { bytes, type: "image/heic", thumb: null }, words: "photo_saved_whole" } : { words: "photo_unreadable" };
}

async function keep(id, file) {
  performance.mark("photo-chosen");
  const { photo, words } = await readPhoto(file);
  if (!photo) return { words, bad: true };
  try {
    await addPhoto(id, photo);
  } catch {
    return { words: "photo_not_saved", bad: true, full: true };
  }
  performance.measure("photo-to-durable", "photo-chosen");
  return { words, bad: false };
}

let last = Promise.resolve();

/**
 * Keeps a photo with the record it was taken for, one after the other: two large ones at once are too much for a phone.
 * Resolves with the key of the sentence to say, whether it is `bad`, and whether the phone is `full`; never throws.
 */
export function keepPhoto(id, file) {
  last = last.then(() => keep(id, file)).catch(() => ({ words: "photo_unreadable", bad: true }));
  return last;
}
