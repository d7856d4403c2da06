// Pure geometry of a drawn line: points are {lat, lng}, distances are metres. The twin of corridors/geometry.py.

const METRES_PER_DEGREE = 111320;

function scaleAt(lat) {
  return [METRES_PER_DEGREE * Math.cos((lat * Math.PI) / 180), 110574 + 559 * (1 - Math.cos((2 * lat * Math.PI) / 180))];
}

function flatten(points, lat) {
  const [east, north] = scaleAt(lat);
  return points.map((point) => [point.lng * east, point.lat * north]);
}

function middleLatitude(points) {
  const lats = points.map((point) => point.lat);
  return (Math.min(...lats) + Math.max(...lats)) / 2;
}

/** Metres along the line. */
export function lengthOf(points) {
  if (points.length < 2) return 0;
  const path = flatten(points, middleLatitude(points));
  return path.slice(1).reduce((sum, [x, y], i) => sum + Math.hypot(x - path[i][0], y - path[i][1]), 0);
}

/** Where a point falls on the line: {along, distance, at}. */
export function projectOn(point, points) {
  const lat = middleLatitude(points);
  const [east, north] = scaleAt(lat);
  const path = flatten(points, lat);
  const [[px, py]] = flatten([point], lat);
  let before = 0;
  let best = null;
  for (let i = 1; i < path.length; i += 1) {
    const [[ax, ay], [bx, by]] = [path[i - 1], path[i]];
    const square = (bx - ax) ** 2 + (by - ay) ** 2;
    const raw = square ? ((px - ax) * (bx - ax) + (py - ay) * (by - ay)) / square : 0;
    const share = Math.max(0, Math.min(1, raw));
    const [x, y] = [ax + share * (bx - ax), ay + share * (by - ay)];
    const distance = Math.hypot(px - x, py - y);
    if (!best || distance < best.distance) {
      best = { along: before + share * Math.sqrt(square), distance, at: { lat: y / north, lng: x / east } };
    }
    before += Math.sqrt(square);
  }
  return best;
}

/** The point so many metres from the start; beyond an end, that end. */
export function pointAlong(points, along) {
  const lat = middleLatitude(points);
  const [east, north] = scaleAt(lat);
  const path = flatten(points, lat);
  let left = Math.max(0, along);
  for (let i = 1; i < path.length; i += 1) {
    const [[ax, ay], [bx, by]] = [path[i - 1], path[i]];
    const step = Math.hypot(bx - ax, by - ay);
    if (left <= step || i === path.length - 1) {
      const share = step ? Math.min(1, left / step) : 0;
      return { lat: (ay + share * (by - ay)) / north, lng: (ax + share * (bx - ax)) / east };
    }
    left -= step;
  }
  return points[0];
}

/** The middle of the longest stretch without a cross street, in metres from the start. */
export function roomiestPlace(total, alongs) {
  const edges = [0, ...[...alongs].sort((a, b) => a - b), total];
  let best = total / 2;
  let most = -1;
  for (let i = 1; i < edges.length; i += 1) {
    if (edges[i] - edges[i - 1] > most) {
      most = edges[i] - edges[i - 1];
      best = (edges[i] + edges[i - 1]) / 2;
    }
  }
  return best;
}
