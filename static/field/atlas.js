// The printed atlas on the phone: the walk's own lines on a sheet, with names that make room for each other.

import { blocksByDistance, crossStreets, ofKind, shortStreet } from "./blocks.js";
import { el, icon, svg } from "./dom.js";
import { settings } from "./settings.js";
import { placeWords } from "./spot.js";

const SIDE_GAP = 4; // pixels from the edge of the street to the line of a block's side
const SIDE_SHORT = 7; // pixels that it ends before the corner
const NAMES_FROM = 14; // zoom; below it cross streets stand too close for names
const HALO = 3;
const FARTHER = 40; // pixels that the name of a street may move on where something stands in its place
const GRID = { degrees: 0.00125, pixels: 110 };
const STUB_M = 100; // metres of a cross street to both sides
const LETTER = 0.56; // of the size of the text

let styled = null;

/** The look of the sheet comes with the first map; without it the map still works. */
export function atlasLook() {
  styled ??= new Promise((resolve) => {
    const link = el("link", { rel: "stylesheet", href: settings.atlas });
    link.addEventListener("load", resolve);
    link.addEventListener("error", () => {
      link.remove();
      styled = null;
      resolve();
    });
    document.head.append(link);
  });
  return styled;
}

const points = (feature) => feature.geometry.coordinates.map(([lon, lat]) => ({ lat, lon }));
const pointOf = ({ geometry: { coordinates } }) => ({ lat: coordinates[1], lon: coordinates[0] });
const weight = ({ zoom }) => Math.max(5, Math.min(24, Math.round(4 + (zoom - 12.5) * 4.5)));
const reach = (chart) => weight(chart) / 2 + HALO + SIDE_GAP;
const far = (a, b) => Math.hypot(b.x - a.x, b.y - a.y);
const isLevel = (a, b) => Math.abs(b.x - a.x) >= Math.abs(b.y - a.y);

/** All points of these features, to be shown by `chart.fit`. */
export const pointsOf = (features) => features.flatMap((one) => (one.geometry.type === "Point" ? [pointOf(one)] : points(one)));

/** The way on the screen, one pixel long, that leads straight away from the street at a point: {x, y}. */
export function awayFromStreet(chart, point, features) {
  const [nearest] = blocksByDistance(point, features);
  if (!nearest) return { x: 0, y: -1 };
  const line = points(nearest.segment);
  const [start, end] = [chart.at(line[0]), chart.at(line.at(-1))];
  const size = far(start, end) || 1;
  const turn = nearest.side === "left" ? 1 : -1;
  return { x: (turn * (end.y - start.y)) / size, y: (turn * (start.x - end.x)) / size };
}

// --- lines ----------------------------------------------------------------------------------------------------------------

/** The thin lines of an atlas sheet. They lie still on the ground while the map moves. */
function grid(chart) {
  const { x: wide, y: high } = chart.size;
  const [start, end] = [chart.where({ x: -wide, y: 2 * high }), chart.where({ x: 2 * wide, y: -high })];
  let step = GRID.degrees;
  while ((step * 3 * wide) / (end.lon - start.lon) < GRID.pixels) step *= 2;
  const rows = step * Math.cos((chart.center.lat * Math.PI) / 180);
  const at = (lat, lon) => chart.at({ lat, lon });
  for (let lon = Math.ceil(start.lon / step) * step; lon < end.lon; lon += step) {
    chart.line([at(start.lat, lon), at(end.lat, lon)], "map-grid");
  }
  for (let row = Math.ceil(start.lat / rows); row * rows < end.lat; row += 1) {
    chart.line([at(row * rows, start.lon), at(row * rows, end.lon)], "map-grid");
  }
}

function corridor(chart, feature) {
  const line = points(feature).map((point) => chart.at(point));
  if (line[0].x > line.at(-1).x) line.reverse(); // so that its name isn't upside down
  chart.line(line, "corridor-casing", weight(chart) + 2 * HALO);
  const street = chart.line(line, "corridor-line", weight(chart));
  nameAlong(chart, street, feature.properties.name);
}

function nameAlong(chart, street, text) {
  const size = Math.min(16, weight(chart) * 0.62);
  if (size < 7 || !text) return;
  street.id = `${chart.box.id}-street`;
  const length = street.getTotalLength();
  const wide = text.length * size * 0.86;
  const times = Math.min(12, Math.floor(length / Math.max(wide * 2, 360)) || (length > wide * 1.1 ? 1 : 0));
  for (let i = 0; i < times; i += 1) {
    const words = chart.shape("text", { class: "corridor-name", "font-size": size, dy: size * 0.36, "text-anchor": "middle" });
    words.append(svg("textPath", { href: `#${street.id}`, startOffset: `${(100 * (i + 0.5)) / times}%` }, text));
  }
}

/** A line beside the street: so many pixels to its left, ending short of both corners. */
function beside(line, pixels) {
  const last = line.length - 1;
  const short = Math.min(SIDE_SHORT, far(line[0], line[last]) / 5);
  return line.map((place, i) => {
    const [from, to] = [line[Math.max(i - 1, 0)], line[Math.min(i + 1, last)]];
    const size = far(from, to) || 1;
    const way = { x: (to.x - from.x) / size, y: (to.y - from.y) / size };
    const inward = i === 0 ? short : i === last ? -short : 0;
    return { x: place.x + way.y * pixels + way.x * inward, y: place.y - way.x * pixels + way.y * inward };
  });
}

function sides(chart, segment, tone) {
  const line = points(segment).map((point) => chart.at(point));
  for (const side of ["left", "right"]) {
    const pixels = side === "left" ? reach(chart) : -reach(chart);
    chart.line(beside(line, pixels), `side ${tone(segment.properties.id, side)}`);
  }
}

/** Where the crossing streets meet the corridor: {name, x, y, along (one pixel along the corridor)}. */
function corners(chart, features) {
  const streets = crossStreets(features).map((street) => ({ name: shortStreet(street.name), ...chart.at(street) }));
  return streets.flatMap((street, i) => {
    const next = streets[i + 1] || streets[i - 1];
    const size = next && far(street, next);
    return size ? [{ ...street, along: { x: (next.x - street.x) / size, y: (next.y - street.y) / size } }] : [];
  });
}

function stub(chart, { x, y, along }) {
  const half = STUB_M / chart.metresAPixel();
  const end = (turn) => ({ x: x + turn * along.y * half, y: y - turn * along.x * half });
  chart.line([end(1), end(-1)], "street-stub", 7);
}

function place(chart, feature) {
  const { x, y } = chart.at(pointOf(feature));
  if (feature.properties.kind === "landmark") chart.dot({ x, y }, 6, "landmark-dot");
  else chart.put({ x: x + 8, y: y - 13 }, el("span", { class: "map-flag" }, icon("flag", "flag")));
}

// --- names that make room for each other ----------------------------------------------------------------------------------

/** Boxes of names on the screen; `fits` keeps a box only where none lies yet. */
class Room {
  constructor(taken) {
    this.boxes = [...taken];
    this.size = parseFloat(getComputedStyle(document.documentElement).fontSize) * 0.875;
  }

  long(text) {
    return text.length * this.size * LETTER;
  }

  fits({ x, y }, text, { upright = false } = {}) {
    const [long, thick] = [this.long(text) + 8, this.size + 6];
    const [wide, high] = upright ? [thick, long] : [long, thick];
    const box = { x: x - wide / 2, y: y - high / 2, wide, high };
    const meets = (one) => box.x < one.x + one.wide && one.x < box.x + wide && box.y < one.y + one.high && one.y < box.y + high;
    if (this.boxes.some(meets)) return false;
    this.boxes.push(box);
    return true;
  }
}

function label(chart, at, text, kind, { upright = false } = {}) {
  const words = el("span", { class: upright ? "is-upright" : false }, text);
  chart.put(at, el("span", { class: `map-label map-label-${kind}`, "aria-hidden": "true" }, words));
}

function nameStreets(chart, room, streets) {
  streets.forEach((street, i) => {
    const upright = isLevel({ x: 0, y: 0 }, street.along); // what crosses a level street stands upright
    const half = room.long(street.name) / 2;
    const steps = [reach(chart) + 6 + half, reach(chart) + 6 + FARTHER + half].flatMap((step) => (i % 2 ? [step, -step] : [-step, step]));
    const places = steps.map((step) => (upright ? { x: street.x, y: street.y + step } : { x: street.x + step, y: street.y }));
    const free = places.find((one) => room.fits(one, street.name, { upright }));
    if (free) label(chart, free, street.name, "street", { upright });
  });
}

function nameBlocks(chart, room, segments) {
  for (const segment of segments) {
    const line = points(segment);
    const [start, end] = [chart.at(line[0]), chart.at(line.at(-1))];
    const text = placeWords({ segment });
    const shift = isLevel(start, end) ? { x: 0, y: reach(chart) + 14 } : { x: reach(chart) + 14 + room.long(text) / 2, y: 0 };
    const at = { x: (start.x + end.x) / 2 + shift.x, y: (start.y + end.y) / 2 + shift.y };
    if (far(start, end) > room.long(text) + 16 && room.fits(at, text)) label(chart, at, text, "block");
  }
}

/** A name stands on the far side of its dot as seen from the street, so that it never covers the street. */
function namePlaces(chart, room, places, features) {
  for (const feature of places) {
    const { kind, name } = feature.properties;
    const at = chart.at(pointOf(feature));
    const isOver = awayFromStreet(chart, pointOf(feature), features).y < 0;
    const first = isOver && kind === "meeting" ? 42 : 22; // a flag stands up from its place
    const spots = [first, first + 26, first + 52].map((pixels) => ({ x: at.x, y: at.y + (isOver ? -pixels : pixels) }));
    const free = spots.find((spot) => room.fits(spot, name)) || (kind === "meeting" ? spots[0] : null);
    if (free) label(chart, free, name, "place");
  }
}

/**
 * Paints the pack's streets, sides, landmarks and meeting point, with names that make room for each other.
 * `tone(segment id, side)` gives the class of a side: "" or "side-team", "side-walked"; `taken` are the boxes on the screen
 * where no name may stand: [{x, y, wide, high}].
 */
export function paintStreets(chart, features, { tone = () => "", taken = [] } = {}) {
  const [segments, meeting, landmarks] = ["segment", "meeting", "landmark"].map((kind) => ofKind(features, kind));
  const streets = corners(chart, features);
  grid(chart);
  streets.forEach((one) => stub(chart, one));
  ofKind(features, "corridor").forEach((one) => corridor(chart, one));
  segments.forEach((one) => sides(chart, one, tone));
  [...meeting, ...landmarks].forEach((one) => place(chart, one));
  const room = new Room(taken);
  namePlaces(chart, room, meeting, features);
  if (chart.zoom >= NAMES_FROM) nameStreets(chart, room, streets);
  namePlaces(chart, room, landmarks, features);
  nameBlocks(chart, room, segments);
}

/** The phone itself, with the circle that it may be wrong by. */
export function paintMe(chart, fix) {
  if (!fix) return;
  const at = chart.at(fix);
  chart.dot(at, Math.max(9, fix.accuracy_m / chart.metresAPixel()), "me-ring");
  chart.dot(at, 9, "me-dot");
}
