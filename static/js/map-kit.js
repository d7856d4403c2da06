// The atlas: a Leaflet map with our tools, and layers drawn from plain GeoJSON. Leaflet's global L comes from django-leaflet.

import { addGrid, across, corridorWeight, label, nameAlong, roomiestPoint } from "./map-names.js";
import { markElement } from "./marks.js";

const L = window.L;
const CELL = 30; // pixels; marks nearer than this are drawn side by side or as one pile
const FAN = 5; // so many marks at one place stand side by side
const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;

export function element(tag, className = "", text = "") {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

function addTiles(map, settings) {
  const layer = L.tileLayer(settings.tiles, { maxZoom: 20, maxNativeZoom: 19, attribution: settings.attribution });
  layer.once("tileload", () => map.getContainer().classList.add("map-has-tiles"));
  layer.addTo(map);
}

function toolButton(sign, label, action) {
  const button = element("button", "", sign);
  button.type = "button";
  button.setAttribute("aria-label", label);
  button.title = label;
  button.addEventListener("click", action);
  return button;
}

function addTools(map, words) {
  const tools = element("div", "map-tools no-print");
  tools.append(
    toolButton("+", words.zoomIn, () => map.zoomIn()),
    toolButton("−", words.zoomOut, () => map.zoomOut()),
  );
  L.DomEvent.disableClickPropagation(tools);
  map.getContainer().append(tools);
  map.tools = tools;
}

/**
 * A Leaflet map in our look. `settings` is the json of {% map_settings %}: tiles, attribution, center, zoom, words.
 * The wheel zooms only once the map has the focus, so that a page can be scrolled past it.
 */
export function createMap(container, settings, { tiles = true } = {}) {
  container.querySelector(".map-fallback")?.remove();
  const map = L.map(container, {
    center: settings.center,
    zoom: settings.zoom,
    zoomControl: false,
    zoomSnap: 0.5,
    maxZoom: 20,
    scrollWheelZoom: false,
    zoomAnimation: !calm,
    fadeAnimation: !calm,
    markerZoomAnimation: !calm,
    inertia: !calm,
  });
  map.attributionControl.setPrefix(false);
  map.createPane("areas").style.zIndex = 350;
  map.createPane("grid").style.zIndex = 360;
  map.createPane("names").style.zIndex = 550;
  map.getPane("names").style.pointerEvents = "none";
  L.control.scale({ imperial: !settings.metric, metric: Boolean(settings.metric), maxWidth: 160, position: "bottomright" }).addTo(map);
  if (tiles && settings.tiles) addTiles(map, settings);
  addTools(map, settings.words);
  addGrid(map);
  map.on("focus", () => map.scrollWheelZoom.enable());
  map.on("blur", () => map.scrollWheelZoom.disable());
  return map;
}

function eastward(coordinates) {
  const latlngs = L.GeoJSON.coordsToLatLngs(coordinates);
  return latlngs[0].lng > latlngs[latlngs.length - 1].lng ? latlngs.reverse() : latlngs;
}

function linesOf(geometry) {
  return geometry.type === "MultiLineString" ? geometry.coordinates : [geometry.coordinates];
}

// --- layers by kind ---

function drawArea(sheet, feature) {
  const { properties } = feature;
  const tint = properties.rough ? "rough" : sheet.areas.length % 5;
  const layer = L.geoJSON(feature, { pane: "areas", interactive: false, style: { className: `area area-${tint}`, weight: 1 } });
  sheet.add(layer, properties);
  sheet.areas.push({ layer, name: properties.name, label: null });
}

function drawCorridor(sheet, feature) {
  for (const part of linesOf(feature.geometry)) {
    const latlngs = eastward(part);
    const options = { interactive: false, noClip: true };
    const casing = L.polyline(latlngs, { ...options, className: "corridor-casing" });
    const line = L.polyline(latlngs, { ...options, className: "corridor-line" });
    const fit = () => {
      const weight = corridorWeight(sheet.map.getZoom());
      casing.setStyle({ weight: weight + 5 });
      line.setStyle({ weight });
    };
    fit();
    sheet.map.on("zoomend", fit);
    line.on("remove", () => sheet.map.off("zoomend", fit));
    sheet.add(casing, feature.properties);
    sheet.add(line, feature.properties);
    sheet.corridors.push(line);
    nameAlong(sheet.map, line, feature.properties.name);
  }
}

function drawSegment(sheet, feature) {
  const { properties } = feature;
  for (const part of linesOf(feature.geometry)) {
    const latlngs = L.GeoJSON.coordsToLatLngs(part);
    const line = L.polyline(latlngs, { className: "segment-hit", weight: 18 });
    sheet.add(line, properties);
    sheet.item(line, properties);
    const last = latlngs.length - 1;
    sheet.street(latlngs[0], latlngs[Math.min(1, last)], properties.from_name);
    sheet.street(latlngs[last], latlngs[Math.max(last - 1, 0)], properties.to_name);
  }
}

const TEAM_BESIDE = 7;

function drawRoute(sheet, feature) {
  for (const part of linesOf(feature.geometry)) {
    const latlngs = L.GeoJSON.coordsToLatLngs(part);
    sheet.add(L.polyline(latlngs, { className: "route-line", weight: 5, interactive: false }), feature.properties);
  }
}

// One side of a block, beside the street's line by a few pixels whatever the zoom, in its team's colour and dash.
function drawTeam(sheet, feature) {
  const { number, side, colour = 0, dash = 0 } = feature.properties;
  const latlngs = L.GeoJSON.coordsToLatLngs(feature.geometry.coordinates);
  const className = number ? `team-line team-c${colour} team-d${dash}` : "team-line team-none";
  const options = { weight: number ? 6 : 3, interactive: false, noClip: true, smoothFactor: 0 };
  const line = L.polyline(latlngs, { ...options, className });
  const fit = () => {
    const away = corridorWeight(sheet.map.getZoom()) / 2 + TEAM_BESIDE;
    line.setLatLngs(beside(sheet.map, latlngs, side === "left" ? -away : away));
    line.getTooltip()?.setLatLng(line.getCenter());
  };
  fit();
  sheet.map.on("zoomend", fit);
  line.on("remove", () => sheet.map.off("zoomend", fit));
  sheet.add(line, feature.properties);
  if (!feature.properties.flag) return;
  const direction = side === "left" ? "top" : "bottom";
  line.bindTooltip(element("span", "", String(number)), { permanent: true, direction, className: `team-flag team-c${colour}` });
}

function beside(map, latlngs, away) {
  const points = latlngs.map((latlng) => map.latLngToLayerPoint(latlng));
  return points.map((point, i) => {
    const run = points[Math.min(i + 1, points.length - 1)].subtract(points[Math.max(i - 1, 0)]);
    const length = Math.hypot(run.x, run.y) || 1;
    return map.layerPointToLatLng(point.add([(-run.y / length) * away, (run.x / length) * away]));
  });
}

function drawPlace(sheet, feature) {
  const { properties } = feature;
  const at = L.GeoJSON.coordsToLatLng(feature.geometry.coordinates);
  const isMeeting = properties.kind === "meeting";
  const className = isMeeting ? "meeting-dot" : "landmark-dot";
  const dot = L.circleMarker(at, { radius: isMeeting ? 10 : 5, fillOpacity: 1, className });
  sheet.add(dot, properties);
  if (isMeeting) {
    const heart = L.circleMarker(at, { radius: 3.5, fillOpacity: 1, className: "meeting-heart", interactive: false });
    sheet.add(heart, properties);
  }
  sheet.item(dot, properties);
  if (properties.name) sheet.placeNames.push({ at, name: properties.name, always: isMeeting });
}

function drawConcern(sheet, feature) {
  sheet.concerns.push({ at: L.GeoJSON.coordsToLatLng(feature.geometry.coordinates), properties: feature.properties });
}

// Concerns the server counted because there are too many to send: a number that opens up as one zooms in.
function drawCounted(sheet, feature) {
  sheet.counted.push({ at: L.GeoJSON.coordsToLatLng(feature.geometry.coordinates), count: feature.properties.count });
}

const DRAW = {
  area: drawArea,
  corridor: drawCorridor,
  segment: drawSegment,
  route: drawRoute,
  team: drawTeam,
  landmark: drawPlace,
  meeting: drawPlace,
  concern: drawConcern,
  cell: drawCounted,
};
// Lines lie under what stands on them, whatever the order of the data.
const ORDER = ["area", "corridor", "route", "segment", "team", "landmark", "meeting", "concern", "cell"];

// --- popups, always text ---

function popupLine(properties, words) {
  const holder = element("div");
  const title = properties.url ? element("a", "", properties.name || words.open) : element("strong", "", properties.name || "");
  if (properties.url) title.href = properties.url;
  holder.append(title);
  if (properties.detail) holder.append(element("p", "quiet", properties.detail));
  if (properties.kind === "concern") {
    const badge = element("p", "row small");
    const word = properties.group === "good" ? words.groups.good : words.statuses[properties.status];
    badge.append(markElement(properties.group, properties.status, { late: properties.late }), word || "");
    if (words.late?.[properties.late]) badge.append(element("b", "", words.late[properties.late]));
    holder.append(badge);
  }
  return holder;
}

function popupFor(members, words) {
  const holder = element("div", "stack");
  holder.append(...members.map(({ properties }) => popupLine(properties, words)));
  return holder;
}

function safeUrl(url) {
  return typeof url === "string" && (url.startsWith("/") || url.startsWith(`${location.origin}/`)) && !url.startsWith("//") ? url : "";
}

// --- the sheet: everything drawn from one or more collections ---

/** What was drawn on a map. Feature properties: {id, kind, name, status, group, url, detail, from_name, to_name, focus}. */
class Sheet {
  constructor(map, settings) {
    this.map = map;
    this.words = settings.words;
    this.layers = L.layerGroup().addTo(map);
    this.marks = L.layerGroup().addTo(map);
    this.names = L.layerGroup().addTo(map);
    this.places = []; // what can be pointed at besides concerns
    this.drawn = []; // concerns as they are drawn now, in the order of the data, which is the order of the list
    this.byId = new Map();
    this.areas = [];
    this.corridors = [];
    this.concerns = [];
    this.counted = [];
    this.streets = new Map();
    this.placeNames = [];
    this.focus = L.latLngBounds([]);
    this.bounds = L.latLngBounds([]);
    map.on("zoomend", this.drawMarks, this);
    map.on("moveend", this.drawNames, this);
  }

  /** What "next item" steps through: the concerns, or on a map without any the places. */
  get items() {
    return this.drawn.length ? this.drawn : this.places;
  }

  add(layer, properties) {
    layer.addTo(this.layers);
    const bounds = layer.getBounds ? layer.getBounds() : L.latLngBounds([layer.getLatLng()]);
    if (properties.kind !== "area") this.bounds.extend(bounds);
    if (properties.focus) this.focus.extend(bounds);
  }

  item(layer, properties) {
    const entry = { properties, layer, at: layer.getLatLng?.() || layer.getCenter?.bind(layer) };
    this.places.push(entry);
    this.byId.set(String(properties.id), entry);
    layer.bindPopup(() => popupFor([entry], this.words), { autoPanPadding: [20, 20], minWidth: 190 });
    this.listen(layer, [entry]);
  }

  listen(layer, members) {
    const tell = (isOn) => {
      for (const { properties } of members) this.light(properties.id, isOn, "list");
    };
    layer.on("mouseover", () => tell(true));
    layer.on("mouseout", () => tell(false));
  }

  // A cross street: its name, and a short piece of it across the corridor.
  street(at, next, name) {
    const key = `${name}|${at.lat.toFixed(4)}|${at.lng.toFixed(4)}`;
    if (!name || this.streets.has(key)) return;
    const stub = L.polyline(across(at, next), { className: "street-stub", weight: 5, interactive: false }).addTo(this.layers);
    stub.bringToBack();
    this.streets.set(key, { at, name, stub });
  }

  draw(collection) {
    if (!collection.features) return;
    const features = collection.features.filter((feature) => feature.geometry && DRAW[feature.properties?.kind]);
    for (const feature of features) feature.properties.url = safeUrl(feature.properties.url);
    for (const kind of ORDER) features.filter((f) => f.properties.kind === kind).forEach((f) => DRAW[kind](this, f));
    for (const concern of this.concerns) {
      this.bounds.extend(concern.at);
      if (concern.properties.focus) this.focus.extend(concern.at);
    }
    this.drawMarks();
    this.drawNames();
  }

  /** Forgets all concerns, so that a moved map can be drawn again. */
  clearConcerns() {
    this.concerns = [];
    this.counted = [];
  }

  // Marks that would hide each other stand side by side, or become one pile that says how many.
  drawMarks() {
    this.marks.clearLayers();
    this.drawn = [];
    const cells = new Map();
    for (const concern of this.concerns) {
      const point = this.map.project(concern.at, this.map.getZoom()).divideBy(CELL).floor();
      const key = `${point.x}:${point.y}`;
      if (!cells.has(key)) cells.set(key, []);
      cells.get(key).push(concern);
    }
    for (const members of cells.values()) {
      if (members.length <= FAN) members.forEach((member, i) => this.drawMark(member, i, members.length));
      else this.drawPile(members);
    }
    this.counted.forEach((pile) => this.drawCount(pile));
    const order = new Map(this.concerns.map((concern, i) => [concern.properties.id, i]));
    this.drawn.sort((a, b) => order.get(a.properties.id) - order.get(b.properties.id));
  }

  drawCount({ at, count }) {
    const icon = L.divIcon({ className: "map-mark", html: element("span", "map-pile", String(count)), iconSize: [34, 34] });
    const marker = L.marker(at, { icon, keyboard: false }).addTo(this.marks);
    marker.on("click", () => this.map.setView(at, this.map.getZoom() + 2, { animate: !calm }));
  }

  drawMark(concern, place, all) {
    const { properties } = concern;
    const anchor = [13 - (place - (all - 1) / 2) * 26, 13];
    const html = element("span", "map-mark-in");
    html.append(markElement(properties.group, properties.status, { halo: true, late: properties.late }));
    if (properties.number) html.append(element("b", "map-number", String(properties.number)));
    const icon = L.divIcon({ className: "map-mark", html, iconSize: [26, 26], iconAnchor: anchor, popupAnchor: [13 - anchor[0], -12] });
    const marker = L.marker(concern.at, { icon, keyboard: false }).addTo(this.marks);
    this.enter(marker, [concern]);
  }

  drawPile(members) {
    const bounds = L.latLngBounds(members.map((member) => member.at));
    const html = element("span", "map-pile", String(members.length));
    const icon = L.divIcon({ className: "map-mark", html, iconSize: [34, 34], popupAnchor: [0, -14] });
    const marker = L.marker(bounds.getCenter(), { icon, keyboard: false }).addTo(this.marks);
    this.enter(marker, members);
    const canZoom = this.map.getBoundsZoom(bounds) > this.map.getZoom() && this.map.getZoom() < 18;
    if (!canZoom) return;
    marker.unbindPopup();
    marker.on("click", () => this.map.fitBounds(bounds.pad(0.3), { animate: !calm, maxZoom: 19 }));
  }

  enter(marker, members) {
    for (const member of members) {
      const entry = { properties: member.properties, layer: marker, at: member.at };
      this.drawn.push(entry);
      this.byId.set(String(member.properties.id), entry);
    }
    marker.bindPopup(() => popupFor(members, this.words), { autoPanPadding: [20, 20], minWidth: 190, maxHeight: 260 });
    this.listen(marker, members);
  }

  // --- names that make room for each other ---

  drawNames() {
    this.names.clearLayers();
    this.nameAreas();
    this.nameStreets();
    this.namePlaces();
  }

  nameAreas() {
    const view = this.map.getBounds();
    for (const area of this.areas) {
      const at = area.name && roomiestPoint(this.map, area, view, this.corridors);
      if (at) label(area.name, "area", at).addTo(this.names);
    }
  }

  nameStreets() {
    if (this.map.getZoom() < 14) return;
    let last = -Infinity;
    const placed = [...this.streets.values()].map((street) => ({ ...street, x: this.map.latLngToLayerPoint(street.at).x }));
    placed.sort((a, b) => a.x - b.x);
    placed.forEach((street, i) => {
      if (street.x - last < 17) return;
      last = street.x;
      const shift = corridorWeight(this.map.getZoom()) / 2 + 5;
      const side = i % 2 && !this.hasPlaceNameBelow(street.at) ? "below" : "above";
      const at = this.map.layerPointToLatLng(this.map.latLngToLayerPoint(street.at).add([0, side === "above" ? -shift : shift]));
      const made = label(street.name, "street", at).addTo(this.names);
      made.getElement().classList.add(`is-${side}`);
    });
  }

  hasPlaceNameBelow(at) {
    const point = this.map.latLngToLayerPoint(at);
    return this.placeNames.some((place) => {
      const other = this.map.latLngToLayerPoint(place.at);
      return place.always && Math.abs(other.x - point.x) < place.name.length * 4.5 + 6 && Math.abs(other.y - point.y) < 60;
    });
  }

  namePlaces() {
    const taken = [];
    const sorted = [...this.placeNames].sort((a, b) => Number(b.always) - Number(a.always));
    for (const place of sorted) {
      const point = this.map.latLngToLayerPoint(place.at);
      const isNear = taken.some((other) => Math.abs(other.x - point.x) < 110 && Math.abs(other.y - point.y) < 20);
      if (!place.always && (isNear || this.map.getZoom() < 15.5)) continue;
      taken.push(point);
      label(place.name, "landmark", place.at).addTo(this.names);
    }
  }

  // --- list and map light each other up ---

  /** Marks one feature on the map or in the list ("map", "list") as the one meant. */
  light(id, isOn, where) {
    if (where !== "list") this.byId.get(String(id))?.layer.getElement?.()?.classList.toggle("is-linked", isOn);
    if (where === "map") return;
    for (const row of document.querySelectorAll(`[data-feature="${CSS.escape(String(id))}"]`)) row.classList.toggle("is-linked", isOn);
  }

  fit() {
    const bounds = this.focus.isValid() ? this.focus : this.bounds;
    if (bounds.isValid()) this.map.fitBounds(bounds, { padding: [28, 28], maxZoom: 17, animate: false });
  }

  remove() {
    this.map.off("zoomend", this.drawMarks, this);
    this.map.off("moveend", this.drawNames, this);
    for (const group of [this.layers, this.marks, this.names]) group.remove();
  }
}

/** Draws FeatureCollections on a map made by createMap; returns the sheet: {items, byId, fit(), light(), draw(), remove()}. */
export function drawFeatures(map, collections, settings) {
  const sheet = new Sheet(map, settings);
  for (const collection of [collections].flat()) sheet.draw(collection);
  sheet.fit();
  return sheet;
}

function countBy(concerns, key) {
  return concerns.reduce((all, { properties }) => all.set(properties[key], (all.get(properties[key]) || 0) + 1), new Map());
}

/** The legend in words: how many there are in each status, good things apart, and what the shapes stand for. */
export function legend(sheet) {
  const { words, concerns } = sheet;
  const list = element("ul", "key");
  const add = (mark, text) => {
    const line = element("li");
    line.append(mark, text);
    list.append(line);
  };
  const good = concerns.filter(({ properties }) => properties.group === "good");
  const rest = concerns.filter(({ properties }) => properties.group !== "good");
  for (const [status, n] of countBy(rest, "status")) {
    add(markElement("other", status), `${lower(words.statuses[status] || status)}: ${n}`);
  }
  if (good.length) add(markElement("good", "good"), `${words.groups.good}: ${good.length}`);
  for (const [late, n] of countBy(rest, "late")) {
    if (words.late?.[late]) add(markElement("other", "any", { late }), `${words.late[late]}: ${n}`);
  }
  for (const group of countBy(rest, "group").keys()) add(markElement(group, "any"), words.groups[group] || group);
  return list;
}

function lower(words) {
  return words.charAt(0).toLocaleLowerCase() + words.slice(1);
}
