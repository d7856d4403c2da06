// Blocks, sides, corners and addresses near a position. Pure: no page, no storage.
// Points are {lat, lon}; map features are GeoJSON as the pack brings them. Distances are metres.

const USUAL_REACH = 60; // how far a corridor reaches to both sides where the pack doesn't say
const BESIDE = 12; // from the middle of the street to where its block faces stand
const NEAR_ADDRESS = 120;
const NEAR_LANDMARK = 60;
const NEAR_CORNER = 250;
const SAME = 1e-6; // two blocks that end at one corner are equally far from what lies beyond it: the first one counts

/** Metres in a degree of longitude and of latitude (WGS84 series, as the server reckons). */
function scale(lat) {
  const phi = (lat * Math.PI) / 180;
  const east = 111412.84 * Math.cos(phi) - 93.5 * Math.cos(3 * phi) + 0.118 * Math.cos(5 * phi);
  const north = 111132.92 - 559.82 * Math.cos(2 * phi) + 1.175 * Math.cos(4 * phi) - 0.0023 * Math.cos(6 * phi);
  return { east, north };
}

/** Metres east and north of `from`. */
export function offset(from, to) {
  const { east, north } = scale(from.lat);
  return { x: (to.lon - from.lon) * east, y: (to.lat - from.lat) * north };
}

export function metresBetween(a, b) {
  const { x, y } = offset(a, b);
  return Math.hypot(x, y);
}

export function moved(point, metresEast, metresNorth) {
  const { east, north } = scale(point.lat);
  return { lat: point.lat + metresNorth / north, lon: point.lon + metresEast / east };
}

const asPoint = ([lon, lat]) => ({ lon, lat });
const between = (a, b) => Math.hypot(b.x - a.x, b.y - a.y);

/** The place on the piece a–b that is nearest to 0,0, and the share of the way (0 to 1) where it lies. */
function nearestOn(a, b) {
  const dx = b.x - a.x;
  const dy = b.y - a.y;
  const square = dx * dx + dy * dy;
  const share = square ? Math.min(1, Math.max(0, -(a.x * dx + a.y * dy) / square)) : 0;
  const at = { x: a.x + share * dx, y: a.y + share * dy };
  return { at, share, gap: Math.hypot(at.x, at.y) };
}

function unit(a, b) {
  const size = between(a, b) || 1;
  return { x: (b.x - a.x) / size, y: (b.y - a.y) / size };
}

/** Which way the path runs in its piece `i`; at a corner halfway between the two pieces that meet there. */
function direction(path, i, share) {
  const one = unit(path[i - 1], path[i]);
  const other = share === 1 ? i + 1 : share === 0 ? i - 1 : i;
  if (other === i || other < 1 || other >= path.length) return one;
  const two = unit(path[other - 1], path[other]);
  return { x: one.x + two.x, y: one.y + two.y };
}

/** Nearest place on a line: {gap, side, along (metres from its start), length}. The line itself counts to the left. */
export function toLine(point, coordinates) {
  const path = coordinates.map((one) => offset(point, asPoint(one)));
  let best = null;
  let passed = 0;
  for (let i = 1; i < path.length; i += 1) {
    const length = between(path[i - 1], path[i]);
    const spot = nearestOn(path[i - 1], path[i]);
    if (!best || spot.gap < best.gap) best = { ...spot, i, along: passed + spot.share * length };
    passed += length;
  }
  if (!best) return null;
  const way = direction(path, best.i, best.share);
  const side = way.y * best.at.x - way.x * best.at.y >= 0 ? "left" : "right";
  return { gap: best.gap, side, along: best.along, length: passed };
}

/** The place at a share (0 to 1) of a line, so many metres to its left or right side. */
export function besideLine(coordinates, side, share = 0.5, metres = BESIDE) {
  const start = asPoint(coordinates[0]);
  const path = coordinates.map((one) => offset(start, asPoint(one)));
  const lengths = path.slice(1).map((end, i) => between(path[i], end));
  let left = share * lengths.reduce((a, b) => a + b, 0);
  let i = 0;
  while (i < lengths.length - 1 && left > lengths[i]) {
    left -= lengths[i];
    i += 1;
  }
  const way = unit(path[i], path[i + 1]);
  const turn = side === "left" ? metres : -metres;
  return moved(start, path[i].x + way.x * left - way.y * turn, path[i].y + way.y * left + way.x * turn);
}

export const ofKind = (map, kind) => (map?.features || []).filter((feature) => feature.properties.kind === kind);

export const segmentOf = (map, id) => (id && ofKind(map, "segment").find(({ properties }) => properties.id === id)) || null;

/** How far the corridor reaches to both sides of its line. */
const reachOf = (map) => ofKind(map, "corridor")[0]?.properties.reach_m || USUAL_REACH;

/** All blocks, nearest first: [{segment, side, gap, along, length}]. */
export function blocksByDistance(point, map) {
  return ofKind(map, "segment")
    .map((segment) => ({ segment, ...toLine(point, segment.geometry.coordinates) }))
    .sort((a, b) => a.gap - b.gap);
}

/** The block face a point lies at: {segment, side, gap, along, length}, or null off the corridor. */
export function nearestFace(point, map) {
  let best = null;
  for (const segment of ofKind(map, "segment")) {
    const found = toLine(point, segment.geometry.coordinates);
    if (found && (!best || found.gap < best.gap - SAME)) best = { segment, ...found };
  }
  return best && best.gap <= reachOf(map) ? best : null;
}

/** Metres from a point to the corridor's blocks; null where the pack brought none. */
export const metresOff = (point, map) => blocksByDistance(point, map)[0]?.gap ?? null;

function nearestOf(point, places, { within, n }) {
  return places
    .map((place) => ({ ...place, gap: metresBetween(point, place) }))
    .filter((place) => place.gap <= within)
    .sort((a, b) => a.gap - b.gap)
    .slice(0, n);
}

const placed = ({ properties, geometry }) => ({ ...properties, ...asPoint(geometry.coordinates) });

/** The addresses nearest to a point, at most `n` within 120 m: [{name, lat, lon, segment, side, gap}]. */
export const nearestAddresses = (point, map, n = 3) =>
  nearestOf(point, ofKind(map, "address").map(placed), { within: NEAR_ADDRESS, n });

/** The landmarks nearest to a point, at most `n` within 60 m: [{name, lat, lon, gap}]. */
export const nearestLandmarks = (point, map, n = 2) =>
  nearestOf(point, ofKind(map, "landmark").map(placed), { within: NEAR_LANDMARK, n });

/** The cross streets of the corridor in order, each where it meets the line: [{name, lat, lon}]. */
export function crossStreets(map) {
  const segments = ofKind(map, "segment");
  const streets = segments.map(({ properties, geometry }) => ({ name: properties.from_name, ...asPoint(geometry.coordinates[0]) }));
  const last = segments.at(-1);
  if (last) streets.push({ name: last.properties.to_name, ...asPoint(last.geometry.coordinates.at(-1)) });
  return streets.filter((street) => street.name);
}

/** The `n` nearest corners within 250 m. */
export const nearestCorners = (point, map, n = 2) => nearestOf(point, crossStreets(map), { within: NEAR_CORNER, n });

/** "Lawn Ave" → "Lawn": how a street is written on the strip. */
export const shortStreet = (name) =>
  name.replace(/ (ave(nue)?|st(reet)?|blvd|boulevard|rd|road|dr(ive)?|pl(ace)?|terr?(ace)?|trfy|trafficway)\.?$/i, "");

/** Whether house numbers grow along the corridor's line. */
function numbersGrow(map) {
  const blocks = ofKind(map, "segment").map(({ properties }) => properties.block).filter(Boolean);
  return blocks.length < 2 || blocks.at(-1) >= blocks[0];
}

/**
 * The block face of a house number: "4777 Independence Ave" → the 4700 block, odd side, three quarters of the way.
 * {segment, side, share} or null. Where a cross street cuts a hundred in two, the number's share says which half.
 */
export function faceOfNumber(address, map) {
  const number = Number(/^\s*(\d{3,5})\b/.exec(address)?.[1]);
  const block = Math.floor(number / 100) * 100;
  const pieces = number ? ofKind(map, "segment").filter(({ properties }) => properties.block === block) : [];
  if (!pieces.length) return null;
  const share = numbersGrow(map) ? (number % 100) / 100 : 1 - (number % 100) / 100;
  const i = Math.min(pieces.length - 1, Math.floor(share * pieces.length));
  const parity = number % 2 ? "odd" : "even";
  const { sides } = pieces[i].properties;
  const side = ["left", "right"].find((name) => sides?.[name].en.includes(parity)) || null;
  return { segment: pieces[i], side, share: share * pieces.length - i };
}
