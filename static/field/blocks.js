// Blocks, sides, corners and addresses near a position. Pure: no page, no storage.
// Points are {lat, lon}; map features are GeoJSON as the pack brings them.

const METRES = 111320;
export const REACH_M = 60; // a corridor reaches this far to both sides

/** Metres east and north of `from`. */
export function offset(from, to) {
  const x = (to.lon - from.lon) * METRES * Math.cos((from.lat * Math.PI) / 180);
  return { x, y: (to.lat - from.lat) * METRES };
}

export function metresBetween(a, b) {
  const { x, y } = offset(a, b);
  return Math.hypot(x, y);
}

export function moved(point, east, north) {
  const shrink = Math.cos((point.lat * Math.PI) / 180);
  return { lat: point.lat + north / METRES, lon: point.lon + east / (METRES * shrink) };
}

const asPoint = ([lon, lat]) => ({ lon, lat });

/** How far `point` is from the piece a–b, where along it (0–1), and on which side of it. */
function toPiece(point, a, b) {
  const start = offset(point, a);
  const end = offset(point, b);
  const dx = end.x - start.x;
  const dy = end.y - start.y;
  const length = Math.hypot(dx, dy);
  const along = length ? Math.min(1, Math.max(0, -(start.x * dx + start.y * dy) / length ** 2)) : 0;
  const gap = Math.hypot(start.x + along * dx, start.y + along * dy);
  const side = dy * start.x - dx * start.y > 0 ? "left" : "right";
  return { gap, along, side, length };
}

/** Nearest place on a line: {gap, side, along (metres from its start), length}. */
export function toLine(point, coordinates) {
  let best = null;
  let passed = 0;
  for (let i = 1; i < coordinates.length; i += 1) {
    const piece = toPiece(point, asPoint(coordinates[i - 1]), asPoint(coordinates[i]));
    if (!best || piece.gap < best.gap) best = { gap: piece.gap, side: piece.side, along: passed + piece.along * piece.length };
    passed += piece.length;
  }
  return best && { ...best, length: passed };
}

export const ofKind = (map, kind) => (map?.features || []).filter((feature) => feature.properties.kind === kind);

/** The block face a point lies at: {segment, side, gap, along, length}, or null off the corridor. */
export function nearestFace(point, map) {
  let best = null;
  for (const segment of ofKind(map, "segment")) {
    const found = toLine(point, segment.geometry.coordinates);
    if (found && (!best || found.gap < best.gap)) best = { segment, ...found };
  }
  return best && best.gap <= REACH_M ? best : null;
}

/** The addresses nearest to a point, at most `n` within 120 m: [{name, lat, lon, segment, side, gap}]. */
export function nearestAddresses(point, map, n = 3) {
  return ofKind(map, "address")
    .map(({ properties, geometry }) => {
      const at = asPoint(geometry.coordinates);
      return { ...properties, ...at, gap: metresBetween(point, at) };
    })
    .filter((address) => address.gap <= 120)
    .sort((a, b) => a.gap - b.gap)
    .slice(0, n);
}

/** The cross streets of the corridor in order, each where it meets the line: [{name, lat, lon}]. */
export function crossStreets(map) {
  const segments = ofKind(map, "segment");
  const streets = segments.map(({ properties, geometry }) => ({ name: properties.from_name, ...asPoint(geometry.coordinates[0]) }));
  const last = segments.at(-1);
  if (last) streets.push({ name: last.properties.to_name, ...asPoint(last.geometry.coordinates.at(-1)) });
  return streets.filter((street) => street.name);
}

/** The `n` nearest corners within 250 m. */
export function nearestCorners(point, map, n = 2) {
  return crossStreets(map)
    .map((street) => ({ ...street, gap: metresBetween(point, street) }))
    .filter((street) => street.gap <= 250)
    .sort((a, b) => a.gap - b.gap)
    .slice(0, n);
}

/** "Lawn Ave" → "Lawn": how a street is written on the strip. */
export const shortStreet = (name) =>
  name.replace(/ (ave(nue)?|st(reet)?|blvd|boulevard|rd|road|dr(ive)?|pl(ace)?|terr?(ace)?|trfy|trafficway)\.?$/i, "");

/** The block face of a house number: "4777 Independence Ave" → the 4700 block, odd side. {segment, side} or null. */
export function faceOfNumber(address, map) {
  const number = Number(/^\s*(\d{3,5})\b/.exec(address)?.[1]);
  const block = Math.floor(number / 100) * 100;
  const segment = number && ofKind(map, "segment").find(({ properties }) => properties.block === block);
  if (!segment) return null;
  const parity = number % 2 ? "odd" : "even";
  const { sides } = segment.properties;
  return { segment, side: ["left", "right"].find((side) => sides?.[side].en.includes(parity)) || null };
}
