// The printed atlas on the phone: the walk's own lines, drawn by Leaflet. No tile is needed, and none is fetched ahead.
// Leaflet, the look of the sheet and the names along streets come with the first map, not before.

import { blocksByDistance, crossStreets, ofKind, shortStreet } from "./blocks.js";
import { el, icon } from "./dom.js";
import { settings } from "./settings.js";
import { placeWords } from "./spot.js";

const SIDE_GAP = 4; // pixels from the edge of the street to the line of a block's side
const SIDE_SHORT = 7; // pixels that it ends before the corner
const MOST_ZOOM = 20;
const NAMES_FROM = 14; // zoom; below it cross streets stand too close for names
const HALO = 3;
const FARTHER = 40; // pixels that the name of a street may move on where something stands in its place

let names = null; // ../js/map-names.js

function once(element, event) {
  return new Promise((resolve, reject) => {
    element.addEventListener(event, resolve);
    element.addEventListener("error", () => {
      element.remove(); // so that the next try asks again
      reject(new Error("map"));
    });
    document.head.append(element);
  });
}

/** Leaflet and what goes with it; throws where it can't be had. */
export async function leaflet() {
  if (!names) {
    const { css, js } = settings.leaflet;
    const styles = css.map((href) => once(el("link", { rel: "stylesheet", href }), "load"));
    await Promise.all([...styles, window.L ? null : once(el("script", { src: js }), "load")]);
    names = await import("../js/map-names.js");
  }
  return window.L;
}

const latLngs = (coordinates) => coordinates.map(([lon, lat]) => [lat, lon]);
const eastward = (line) => (line[0][1] > line.at(-1)[1] ? [...line].reverse() : line);

/** A map without anything on it but its grid. Tiles, where the site has any, only while there is signal. */
export function openMap(container) {
  const { L } = window;
  const calm = { fadeAnimation: false, zoomAnimation: false, markerZoomAnimation: false, inertia: false };
  const map = L.map(container, { zoomControl: false, keyboard: false, zoomSnap: 0.25, zoomDelta: 1, maxZoom: MOST_ZOOM, ...calm });
  map.attributionControl.setPrefix(false);
  map.createPane("grid").style.zIndex = 360;
  map.createPane("names").style.zIndex = 550;
  map.getPane("names").style.pointerEvents = "none";
  const isMetric = settings.units === "metres";
  L.control.scale({ imperial: !isMetric, metric: isMetric, maxWidth: 110, position: "bottomright" }).addTo(map);
  if (settings.tiles && navigator.onLine) {
    const tiles = L.tileLayer(settings.tiles, { maxZoom: MOST_ZOOM, maxNativeZoom: 19 });
    tiles.once("tileload", () => {
      map.attributionControl.addAttribution(settings.attribution);
      map.getContainer().classList.add("map-has-tiles");
    });
    tiles.addTo(map);
  }
  return map;
}

/** The way on the screen, one pixel long, that leads straight away from the street at a point: {x, y}. */
export function awayFromStreet(map, { lat, lon }, features) {
  const [nearest] = blocksByDistance({ lat, lon }, features);
  if (!nearest) return { x: 0, y: -1 };
  const { coordinates } = nearest.segment.geometry;
  const [start, end] = [coordinates[0], coordinates.at(-1)].map((at) => map.latLngToLayerPoint([at[1], at[0]]));
  const size = start.distanceTo(end) || 1;
  const turn = nearest.side === "left" ? 1 : -1;
  return { x: (turn * (end.y - start.y)) / size, y: (turn * (start.x - end.x)) / size };
}

// --- streets --------------------------------------------------------------------------------------------------------------

function drawCorridor(map, { geometry, properties }) {
  const { L } = window;
  const line = eastward(latLngs(geometry.coordinates));
  const casing = L.polyline(line, { className: "corridor-casing", interactive: false, noClip: true }).addTo(map);
  const street = L.polyline(line, { className: "corridor-line", interactive: false, noClip: true }).addTo(map);
  const fit = () => {
    const weight = names.corridorWeight(map.getZoom());
    casing.setStyle({ weight: weight + 2 * HALO });
    street.setStyle({ weight });
  };
  fit();
  map.on("zoomend", fit);
  names.nameAlong(map, street, properties.name);
}

/** A line beside the street on the screen: so many pixels to its left, ending short of both corners. */
function beside(map, line, pixels) {
  const points = line.map((at) => map.project(at));
  const way = (i) => {
    const step = points[Math.min(i + 1, points.length - 1)].subtract(points[Math.max(i - 1, 0)]);
    return step.divideBy(Math.hypot(step.x, step.y) || 1);
  };
  const last = points.length - 1;
  const short = Math.min(SIDE_SHORT, points[0].distanceTo(points[last]) / 5);
  return points.map((point, i) => {
    const { x, y } = way(i);
    const inward = i === 0 ? short : i === last ? -short : 0;
    return map.unproject([point.x + y * pixels + x * inward, point.y - x * pixels + y * inward]);
  });
}

/** Both sides of a block; `tone(segment, side)` is the class of each. */
function drawSides(map, segment, tone) {
  const { L } = window;
  const line = latLngs(segment.geometry.coordinates);
  const drawn = ["left", "right"].map((side) =>
    L.polyline(line, { className: `side ${tone(segment.properties.id, side)}`, interactive: false }).addTo(map),
  );
  const fit = () => {
    const pixels = names.corridorWeight(map.getZoom()) / 2 + HALO + SIDE_GAP;
    drawn.forEach((one, i) => one.setLatLngs(beside(map, line, i ? -pixels : pixels)));
  };
  fit();
  map.on("zoomend", fit);
}

function drawStub(map, { lat, lng, next }) {
  const { L } = window;
  const ends = names.across({ lat, lng }, next);
  L.polyline(ends, { className: "street-stub", weight: 7, interactive: false }).addTo(map).bringToBack();
}

function drawPlace(map, { geometry, properties }) {
  const { L } = window;
  const [lon, lat] = geometry.coordinates;
  if (properties.kind === "landmark") {
    L.circleMarker([lat, lon], { radius: 6, className: "landmark-dot", fillOpacity: 1, interactive: false }).addTo(map);
    return;
  }
  const flag = L.divIcon({ className: "map-flag", html: icon("flag", "flag"), iconSize: [32, 32], iconAnchor: [8, 29] });
  L.marker([lat, lon], { icon: flag, interactive: false, keyboard: false }).addTo(map);
}

// --- names that make room for each other ----------------------------------------------------------------------------------

/** Where the crossing streets meet the corridor, and which way the corridor goes on from there. */
function corners(features) {
  const streets = crossStreets(features).map(({ name, lat, lon }) => ({ name: shortStreet(name), lat, lng: lon }));
  return streets.map((street, i) => ({ ...street, next: streets[i + 1] || streets[i - 1] })).filter(({ next }) => next);
}

/** Boxes of names on the screen; `fits` keeps a box only where none lies yet. */
class Room {
  constructor(map, taken) {
    this.map = map;
    this.boxes = [...taken];
    this.size = parseFloat(getComputedStyle(document.documentElement).fontSize) * 0.875;
  }

  fits(at, text, { upright = false, shift = [0, 0] } = {}) {
    const [long, thick] = [text.length * this.size * 0.56 + 8, this.size + 6];
    const [wide, high] = upright ? [thick, long] : [long, thick];
    const point = this.map.latLngToContainerPoint(at).add(shift);
    const box = { x: point.x - wide / 2, y: point.y - high / 2, wide, high };
    const meets = (one) => box.x < one.x + one.wide && one.x < box.x + wide && box.y < one.y + one.high && one.y < box.y + high;
    if (this.boxes.some(meets)) return false;
    this.boxes.push(box);
    return true;
  }
}

const isUpright = (map, { lat, lng, next }) => {
  const way = map.latLngToLayerPoint(next).subtract(map.latLngToLayerPoint([lat, lng]));
  return Math.abs(way.x) >= Math.abs(way.y); // the corridor runs across the sheet, so what crosses it stands upright
};

function nameStreets(map, layer, room, streets) {
  const reach = names.corridorWeight(map.getZoom()) / 2 + HALO + SIDE_GAP + 6;
  streets.forEach((street, i) => {
    const upright = isUpright(map, street);
    const half = (street.name.length * room.size * 0.56) / 2;
    const way = i % 2 ? 1 : -1;
    const shifts = [reach, -reach, reach + FARTHER, -reach - FARTHER].map((pixels) => way * (pixels + Math.sign(pixels) * half));
    for (const shift of shifts.map((pixels) => (upright ? [0, pixels] : [pixels, 0]))) {
      if (!room.fits(street, street.name, { upright, shift })) continue;
      const at = map.layerPointToLatLng(map.latLngToLayerPoint(street).add(shift));
      const made = names.label(street.name, "street", at).addTo(layer);
      made.getElement().classList.toggle("is-flat", !upright);
      return;
    }
  });
}

function nameBlocks(map, layer, room, segments) {
  const reach = names.corridorWeight(map.getZoom()) / 2 + HALO + SIDE_GAP + 14;
  for (const segment of segments) {
    const line = latLngs(segment.geometry.coordinates);
    const ends = [line[0], line.at(-1)].map((at) => map.latLngToLayerPoint(at));
    const text = placeWords({ segment });
    const isRoomy = ends[0].distanceTo(ends[1]) > text.length * room.size * 0.56 + 16;
    const middle = map.layerPointToLatLng(ends[0].add(ends[1]).divideBy(2));
    const isFlat = Math.abs(ends[1].x - ends[0].x) >= Math.abs(ends[1].y - ends[0].y);
    const shift = isFlat ? [0, reach] : [reach + (text.length * room.size * 0.56) / 2, 0];
    if (!isRoomy || !room.fits(middle, text, { shift })) continue;
    const at = map.layerPointToLatLng(map.latLngToLayerPoint(middle).add(shift));
    names.label(text, "block", at).addTo(layer);
  }
}

/** A name stands on the far side of its dot as seen from the street, so that it never covers the street. */
function namePlaces(map, layer, room, places, features) {
  for (const { geometry, properties } of places) {
    const at = { lat: geometry.coordinates[1], lng: geometry.coordinates[0] };
    const isMeeting = properties.kind === "meeting";
    const isOver = awayFromStreet(map, { lat: at.lat, lon: at.lng }, features).y < 0;
    const first = isOver && isMeeting ? 42 : 22; // a flag stands up from its place
    const shifts = [0, 26, 52].map((more) => (isOver ? -first - more : first + more));
    const free = shifts.find((pixels) => room.fits(at, properties.name, { shift: [0, pixels] }));
    if (free === undefined && !isMeeting) continue;
    const stand = map.layerPointToLatLng(map.latLngToLayerPoint(at).add([0, free ?? shifts[0]]));
    names.label(properties.name, "place", stand).addTo(layer);
  }
}

/**
 * Draws the pack's streets, sides, landmarks and meeting point, with names that make room for each other.
 * `tone(segment id, side)` gives the class of a side: "" or "side-team", "side-walked"; `taken()` the boxes on the screen
 * where no name may stand: [{x, y, wide, high}].
 */
export function drawStreets(map, features, { tone = () => "", taken = () => [] } = {}) {
  const { L } = window;
  const segments = ofKind(features, "segment");
  const streets = corners(features);
  const places = [...ofKind(features, "meeting"), ...ofKind(features, "landmark")];
  names.addGrid(map);
  ofKind(features, "corridor").forEach((one) => drawCorridor(map, one));
  streets.forEach((one) => drawStub(map, one));
  segments.forEach((one) => drawSides(map, one, tone));
  places.forEach((one) => drawPlace(map, one));
  const written = L.layerGroup().addTo(map);
  const write = () => {
    written.clearLayers();
    const room = new Room(map, taken());
    namePlaces(map, written, room, ofKind(features, "meeting"), features);
    if (map.getZoom() >= NAMES_FROM) nameStreets(map, written, room, streets);
    namePlaces(map, written, room, ofKind(features, "landmark"), features);
    nameBlocks(map, written, room, segments);
  };
  map.on("moveend", write);
  write();
}

// --- where I am -----------------------------------------------------------------------------------------------------------

/** A mark for the phone itself with the circle that it may be wrong by; call the answer with each new fix or null. */
export function meMark(map) {
  const { L } = window;
  const ring = L.circle([0, 0], { radius: 1, className: "me-ring", interactive: false });
  const dot = L.circleMarker([0, 0], { radius: 9, className: "me-dot", fillOpacity: 1, interactive: false });
  return (fix) => {
    for (const layer of [ring, dot]) {
      if (!fix) layer.remove();
      else layer.setLatLng([fix.lat, fix.lon]).addTo(map);
    }
    if (fix) ring.setRadius(fix.accuracy_m);
  };
}

/** Bounds of these blocks, or of everything that was given; null where there is nothing. */
export function boundsOf(features) {
  const points = features.flatMap(({ geometry }) => latLngs(geometry.type === "Point" ? [geometry.coordinates] : geometry.coordinates));
  return points.length ? window.L.latLngBounds(points) : null;
}
