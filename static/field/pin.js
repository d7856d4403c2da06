// The pin: a map under a fixed cross, moved by finger, by four buttons or by the arrow keys. Our own lines are enough.

import { crossStreets, nearestFace, ofKind, shortStreet } from "./blocks.js";
import { $, el, say } from "./dom.js";
import { kick } from "./outbox.js";
import { best } from "./place.js";
import { change, record as load } from "./records.js";
import { settings } from "./settings.js";
import { here } from "./shell.js";
import { placeWords } from "./spot.js";
import { t } from "./words.js";

const STEP = 32; // pixels: about 5 m at the closest zoom
let map = null;

function once(element, event) {
  return new Promise((resolve, reject) => {
    element.addEventListener(event, resolve);
    element.addEventListener("error", reject);
    document.head.append(element);
  });
}

/** Leaflet is fetched when the first pin is set, not before. */
async function leaflet() {
  if (window.L) return window.L;
  const { css, js } = settings.leaflet;
  await Promise.all([once(el("link", { rel: "stylesheet", href: css }), "load"), once(el("script", { src: js }), "load")]);
  return window.L;
}

function middleOf(pack) {
  const line = ofKind(pack?.map, "segment").concat(ofKind(pack?.map, "corridor"))[0]?.geometry.coordinates;
  const [lon, lat] = line ? line[Math.floor(line.length / 2)] : [settings.center[1], settings.center[0]];
  return { lat, lon };
}

function label(L, { lat, lon, name }, className) {
  const icon = L.divIcon({ className, html: el("span", {}, name), iconSize: [0, 0] });
  return L.marker([lat, lon], { icon, interactive: false, keyboard: false });
}

function drawStreets(L, pack) {
  const features = pack?.map || { type: "FeatureCollection", features: [] };
  L.geoJSON(features, {
    filter: ({ properties }) => ["corridor", "segment"].includes(properties.kind),
    style: ({ properties }) => ({ className: `line-${properties.kind}`, interactive: false }),
  }).addTo(map);
  for (const street of crossStreets(features)) {
    L.circleMarker([street.lat, street.lon], { radius: 5, className: "corner", interactive: false }).addTo(map);
    label(L, { ...street, name: shortStreet(street.name) }, "street-name").addTo(map);
  }
  for (const segment of ofKind(features, "segment")) {
    const { coordinates } = segment.geometry;
    const [[lon1, lat1], [lon2, lat2]] = [coordinates[0], coordinates.at(-1)];
    const middle = { lat: (lat1 + lat2) / 2, lon: (lon1 + lon2) / 2 };
    label(L, { ...middle, name: placeWords({ segment }) }, "block-name").addTo(map);
  }
  for (const { geometry, properties } of ofKind(features, "landmark").concat(ofKind(features, "meeting"))) {
    const [lon, lat] = geometry.coordinates;
    L.circleMarker([lat, lon], { radius: 6, className: "spot", interactive: false }).addTo(map);
    label(L, { lat, lon, name: properties.name }, "spot-name").addTo(map);
  }
}

function tiles(L) {
  if (!settings.tiles) return;
  L.tileLayer(settings.tiles, { maxZoom: 20, maxNativeZoom: 19, attribution: settings.attribution }).addTo(map);
}

function tellWhere() {
  const { lat, lng } = map.getCenter();
  $("pin-place").textContent = placeWords(nearestFace({ lat, lon: lng }, here.walk.pack?.map));
}

const MOVES = { north: [0, -STEP], south: [0, STEP], west: [-STEP, 0], east: [STEP, 0] };

const KEYS = { ArrowUp: "north", ArrowDown: "south", ArrowLeft: "west", ArrowRight: "east" };

function move(where, zoom) {
  if (where) map.panBy(MOVES[where], { animate: false });
  if (zoom) map.setZoom(map.getZoom() + Number(zoom));
}

function wire(use) {
  $("pin-moves").onclick = (event) => {
    const { dataset = {} } = event.target.closest("button") || {};
    move(dataset.move, dataset.zoom);
  };
  $("pin-map").onkeydown = (event) => {
    const { key } = event;
    if (key === "Enter") use();
    else if (KEYS[key] || "+-=".includes(key)) move(KEYS[key], { "+": 1, "=": 1, "-": -1 }[key]);
    else return;
    event.preventDefault();
  };
  $("pin-use").onclick = use;
  $("pin-back").onclick = () => history.back();
}

async function use(id) {
  const { lat, lng } = map.getCenter();
  const round = (degrees) => Math.round(degrees * 1e6) / 1e6;
  const at = { lat: round(lat), lon: round(lng) };
  const face = nearestFace(at, here.walk.pack?.map);
  const body = {
    position: { ...at, accuracy_m: null, source: "pin" },
    segment: face?.segment.properties.id || null,
    side: face?.side || null,
  };
  try {
    await change(id, body, { place_chosen: true });
  } catch {
    say(t("not_saved"), { bad: true });
    return;
  }
  kick(4000);
  history.back();
}

function close() {
  map?.remove();
  map = null;
}

export async function show(screen, id) {
  const record = await load(id);
  let L;
  try {
    L = await leaflet();
  } catch {
    say(t("map_failed"), { bad: true });
    history.back();
    return null;
  }
  close();
  const start = record?.body.position || best() || middleOf(here.walk.pack);
  map = L.map("pin-map", { zoomControl: false, keyboard: false, fadeAnimation: false, zoomAnimation: false, maxZoom: 20 });
  map.attributionControl.setPrefix(false);
  map.setView([start.lat, start.lon], 18);
  tiles(L);
  drawStreets(L, here.walk.pack);
  map.on("moveend", tellWhere);
  tellWhere();
  wire(() => use(id));
  $("pin-map").setAttribute("aria-label", t("pin_map"));
  return close;
}
