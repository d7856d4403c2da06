// What is written on the atlas: its grid, names along lines, names where there is room.

const L = window.L;
const SVG = "http://www.w3.org/2000/svg";
const GRID_STEP = 0.00125; // degrees; doubled until the lines are far enough apart
const GRID_PIXELS = 110;

// The thin lines of an atlas sheet. They lie still on the ground while the map moves.
export function addGrid(map) {
  const lines = L.layerGroup().addTo(map);
  const style = { pane: "grid", className: "map-grid", weight: 1, interactive: false };
  const draw = () => {
    lines.clearLayers();
    const view = map.getBounds().pad(0.15);
    const perDegree = map.getSize().x / (map.getBounds().getEast() - map.getBounds().getWest());
    let step = GRID_STEP;
    while (step * perDegree < GRID_PIXELS) step *= 2;
    const squeeze = Math.cos((map.getCenter().lat * Math.PI) / 180);
    for (let lng = Math.ceil(view.getWest() / step) * step; lng < view.getEast(); lng += step) {
      L.polyline([[view.getSouth(), lng], [view.getNorth(), lng]], style).addTo(lines);
    }
    for (let row = Math.ceil(view.getSouth() / (step * squeeze)); row * step * squeeze < view.getNorth(); row += 1) {
      const lat = row * step * squeeze;
      L.polyline([[lat, view.getWest()], [lat, view.getEast()]], style).addTo(lines);
    }
  };
  map.on("moveend", draw);
  map.whenReady(draw);
}

function span(text) {
  const made = document.createElement("span");
  made.textContent = text;
  return made;
}

export function label(text, kind, at) {
  const html = span(text);
  const icon = L.divIcon({ className: `map-label map-label-${kind}`, html, iconSize: [0, 0] });
  return L.marker(at, { icon, pane: "names", interactive: false, keyboard: false });
}

export function corridorWeight(zoom) {
  return Math.max(5, Math.min(24, Math.round(4 + (zoom - 12.5) * 4.5)));
}

/** Writes a name along a drawn line, as often as there is room for it. */
export function nameAlong(map, line, text) {
  const path = line.getElement();
  if (!path || !text) return;
  path.id = path.id || `line-${L.stamp(line)}`;
  const group = document.createElementNS(SVG, "g");
  path.parentNode.append(group);
  const redraw = () => {
    group.replaceChildren();
    const size = Math.min(16, corridorWeight(map.getZoom()) * 0.62);
    if (size < 7) return;
    const length = path.getTotalLength();
    const width = text.length * size * 0.86;
    const times = Math.min(12, Math.floor(length / Math.max(width * 2, 360)) || (length > width * 1.1 ? 1 : 0));
    for (let i = 0; i < times; i += 1) {
      const words = document.createElementNS(SVG, "text");
      words.setAttribute("class", "corridor-name");
      words.setAttribute("font-size", size);
      words.setAttribute("dy", size * 0.36);
      words.setAttribute("text-anchor", "middle");
      const along = document.createElementNS(SVG, "textPath");
      along.setAttribute("href", `#${path.id}`);
      along.setAttribute("startOffset", `${(100 * (i + 0.5)) / times}%`);
      along.textContent = text;
      words.append(along);
      group.append(words);
    }
  };
  map.on("moveend", redraw); // not zoomend: the path has its new length only then
  line.on("remove", () => {
    map.off("moveend", redraw);
    group.remove();
  });
  redraw();
}

const STUB_DEGREES = 0.0009; // about 100 m of latitude

// Two points on either side of `at`, square to the way towards `next`.
export function across(at, next) {
  const squeeze = Math.cos((at.lat * Math.PI) / 180);
  const x = (next.lng - at.lng) * squeeze;
  const y = next.lat - at.lat;
  const length = Math.hypot(x, y) || 1;
  const offset = [(x / length) * STUB_DEGREES, ((-y / length) * STUB_DEGREES) / squeeze];
  return [1, -1].map((side) => L.latLng(at.lat + side * offset[0], at.lng + side * offset[1]));
}

// Of a grid of points in the visible part of an area, the one with most room around it.
export function roomiestPoint(map, { layer, name }, view, lines) {
  const half = name.length * 6 + 8;
  const bounds = layer.getBounds();
  if (!view.intersects(bounds)) return null;
  const size = map.getSize();
  const middle = map.latLngToContainerPoint(bounds.getCenter());
  const rings = layer.getLayers().flatMap((part) => part.getLatLngs().flat(part.feature.geometry.type === "MultiPolygon" ? 1 : 0));
  const outlines = rings.map((ring) => ring.map((at) => map.latLngToContainerPoint(at)));
  const streets = lines.flatMap((line) => line.getLatLngs().map((at) => map.latLngToContainerPoint(at)));
  let best = null;
  let most = -Infinity;
  const fits = (point) => outlines.some((outline) => isInside(point, outline));
  for (let x = half + 8; x < size.x - half - 60; x += Math.max(24, size.x / 16)) {
    for (let y = 24; y < size.y - 50; y += 24) {
      const point = L.point(x, y);
      if (![-half, 0, half].every((shift) => fits(L.point(x + shift, y)))) continue;
      const toEdges = Math.min(...outlines.map((outline) => distance(point, outline)), y * 1.5, (size.y - y) * 1.5);
      const offCentre = Math.abs(point.x - middle.x) * 0.08; // where there is room enough, the middle looks best
      const room = Math.min(toEdges, streets.length > 1 ? distance(point, streets) : Infinity, 90) - offCentre;
      if (room > most) [best, most] = [point, room];
    }
  }
  return best && map.containerPointToLatLng(best);
}

function isInside(point, ring) {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
    const [a, b] = [ring[i], ring[j]];
    if (a.y > point.y !== b.y > point.y && point.x < ((b.x - a.x) * (point.y - a.y)) / (b.y - a.y) + a.x) inside = !inside;
  }
  return inside;
}

function distance(point, line) {
  let nearest = Infinity;
  for (let i = 1; i < line.length; i += 1) nearest = Math.min(nearest, L.LineUtil.pointToSegmentDistance(point, line[i - 1], line[i]));
  return nearest;
}
