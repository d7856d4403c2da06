// A HEIC photo without what the camera wrote beside the picture (place, time, phone), for browsers that can't decode it.
// Nothing is moved: what is kept is copied to the same place of an empty file, so that every offset stays right. Kept are
// the boxes that say how the picture is built, and the bytes that its own items name. All else is zero.

const PICTURES = new Set(["hvc1", "hvc2", "grid", "iden", "iovl", "tmap"]); // items that are pixels, or put together
const STRUCTURE = new Set(["hdlr", "pitm", "iinf", "iloc", "iref", "iprp", "idat", "dinf", "grpl"]); // boxes within "meta"

const text = (view, at) => String.fromCharCode(...[0, 1, 2, 3].map((i) => view.getUint8(at + i)));

function number(view, at, size) {
  if (size === 8) return Number(view.getBigUint64(at));
  if (size === 4) return view.getUint32(at);
  return size === 2 ? view.getUint16(at) : 0;
}

/** The boxes between two places: [{type, start, body, end}]. */
function boxes(view, start, end) {
  const found = [];
  for (let at = start; at + 8 <= end; at = found.at(-1).end) {
    const short = view.getUint32(at);
    const size = short === 1 ? number(view, at + 8, 8) : short || end - at;
    const body = at + (short === 1 ? 16 : 8);
    if (at + size < body || at + size > end) throw new RangeError("a box reaches too far");
    found.push({ type: text(view, at + 4), start: at, body, end: at + size });
  }
  return found;
}

/** Item number → where its kind is written. */
function kindsOf(view, iinf) {
  const first = iinf.body + (view.getUint8(iinf.body) ? 8 : 6);
  return new Map(
    boxes(view, first, iinf.end).map(({ body }) => {
      const version = view.getUint8(body);
      if (version < 2) throw new RangeError("an item doesn't say what it is");
      const wide = version > 2 ? 4 : 2;
      return [number(view, body + 4, wide), body + 4 + wide + 2];
    }),
  );
}

/** Item number → [[start, end]] of its bytes in the file. */
function placesOf(view, iloc, idat) {
  const version = view.getUint8(iloc.body);
  const wide = version < 2 ? 2 : 4;
  const sizes = view.getUint16(iloc.body + 4);
  const [offsetSize, lengthSize, baseSize, indexSize] = [12, 8, 4, 0].map((shift) => (sizes >> shift) & 15);
  let at = iloc.body + 6;
  const take = (size) => number(view, (at += size) - size, size);
  const places = new Map();
  for (let items = take(wide); items > 0; items -= 1) {
    const id = take(wide);
    const method = version ? take(2) & 15 : 0;
    if (take(2) || method > 1 || (method && !idat)) throw new RangeError("its bytes lie elsewhere");
    const base = take(baseSize) + (method ? idat.body : 0);
    const extents = [];
    for (let n = take(2); n > 0; n -= 1) {
      if (version) take(indexSize);
      const start = base + take(offsetSize);
      const end = start + take(lengthSize);
      if (end <= start || end > view.byteLength) throw new RangeError("an item reaches too far");
      extents.push([start, end]);
    }
    places.set(id, extents);
  }
  return places;
}

/** Copies what the picture needs into an empty file of the same length. */
class Copy {
  constructor(bytes) {
    this.from = new Uint8Array(bytes);
    this.to = new Uint8Array(bytes.byteLength);
  }

  keep(start, end) {
    this.to.set(this.from.subarray(start, end), start);
  }

  empty(start, end) {
    this.to.fill(0, start, end);
  }

  call(at, type) {
    for (let i = 0; i < 4; i += 1) this.to[at + i] = type.charCodeAt(i);
  }

  box({ start, body, end }, isKept) {
    this.keep(start, isKept ? end : body);
    if (!isKept) this.call(start + 4, "free");
  }
}

function strip(bytes) {
  const view = new DataView(bytes);
  const outer = boxes(view, 0, view.byteLength);
  const meta = outer.find(({ type }) => type === "meta");
  const inner = boxes(view, meta.body + 4, meta.end);
  const one = (wanted) => inner.find(({ type }) => type === wanted);
  const kinds = kindsOf(view, one("iinf"));
  const isPicture = (id) => PICTURES.has(text(view, kinds.get(id)));
  const primary = one("pitm").body;
  if (!isPicture(number(view, primary + 4, view.getUint8(primary) ? 4 : 2))) throw new RangeError("no picture");

  const copy = new Copy(bytes);
  for (const box of outer) {
    if (box === meta || box.type === "mdat") copy.keep(box.start, box === meta ? box.body + 4 : box.body);
    else copy.box(box, box.type === "ftyp");
  }
  for (const box of inner) copy.box(box, STRUCTURE.has(box.type));
  const places = [...placesOf(view, one("iloc"), one("idat"))];
  const each = (are, work) => places.filter(([id]) => isPicture(id) === are).forEach(([, all]) => all.forEach(work));
  each(true, ([start, end]) => copy.keep(start, end));
  each(false, ([start, end]) => copy.empty(start, end));
  for (const [id, at] of kinds) if (!isPicture(id)) copy.call(at, "none"); // nobody looks for Exif among the zeros
  return copy.to.buffer;
}

/** The same picture as an ArrayBuffer of the same length, bare; null for what this can't take apart with certainty. */
export function bare(bytes) {
  try {
    return strip(bytes);
  } catch {
    return null;
  }
}
