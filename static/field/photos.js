// Photos: upright, at most 1600 px, JPEG, with nothing inside but the picture. What can't be decoded goes as it is.

const LONGEST = 1600;
const QUALITY = 0.8;
const THUMB = 240;
const LARGEST = 15_000_000; // the server's limit

/** The picture upright, ready to be drawn. The image element knows formats (HEIC on iPhones) that bitmaps may not. */
async function decode(file) {
  try {
    return await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    return decodeByElement(file);
  }
}

async function decodeByElement(file) {
  const image = new Image();
  image.src = URL.createObjectURL(file);
  try {
    await image.decode();
    return image;
  } catch {
    return null;
  } finally {
    URL.revokeObjectURL(image.src);
  }
}

async function drawn(picture, longest, quality) {
  const scale = Math.min(1, longest / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  canvas.getContext("2d", { alpha: false }).drawImage(picture, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", quality));
  canvas.width = canvas.height = 0; // gives the memory back on iPhones
  return blob && blob.arrayBuffer();
}

/** {bytes, type, thumb} of a picture made smaller, or null where this browser can't decode it. */
export async function shrink(file, { longest = LONGEST, quality = QUALITY } = {}) {
  const picture = await decode(file);
  if (!picture) return null;
  try {
    const bytes = await drawn(picture, longest, quality);
    return bytes && { bytes, type: "image/jpeg", thumb: await drawn(picture, THUMB, 0.6) };
  } finally {
    picture.close?.(); // only bitmaps hold memory of their own
  }
}

/** The type by the first bytes: what the camera's file name says doesn't count. Or "". */
export function typeOf(bytes) {
  const head = new Uint8Array(bytes.slice(0, 12));
  const text = String.fromCharCode(...head);
  if (head[0] === 0xff && head[1] === 0xd8) return "image/jpeg";
  if (text.startsWith("\x89PNG")) return "image/png";
  if (text.startsWith("RIFF") && text.slice(8) === "WEBP") return "image/webp";
  if (text.slice(4, 8) === "ftyp" && /^(hei|hev|mif|msf)/.test(text.slice(8))) return "image/heic";
  return "";
}

/** What to keep of a file from the camera, or null where it is no photo. */
export async function readPhoto(file) {
  const smaller = await shrink(file);
  if (smaller) return smaller;
  const bytes = await file.arrayBuffer();
  const type = typeOf(bytes);
  return type && bytes.byteLength <= LARGEST ? { bytes, type, thumb: null } : null;
}
