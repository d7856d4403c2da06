// Marks on the map: what is to be checked again (numbered) and what this phone logged (framed). Each stands beside the
// street on a stem that ends where the thing is, so that it covers neither the street nor its name.

import { awayFromStreet } from "./atlas.js";
import { ofKind } from "./blocks.js";
import { el, icon } from "./dom.js";
import { t } from "./words.js";

const STEM = 44; // pixels
const APART = { x: 50, y: 30 }; // marks nearer than this stand side by side, or become one pile that says how many
const FAN = 3;
const SIZE = 48;

function picture({ group, number, isMine }) {
  const inner = el("span", { class: `map-mark-in${isMine ? " is-mine" : ""}` }, icon(group, "mark"));
  if (number) inner.append(el("b", { class: "map-number" }, String(number)));
  return inner;
}

/** Where the meeting point's flag stands, so that no mark hides it. */
const flags = (map, features) =>
  ofKind(features, "meeting").map(({ geometry: { coordinates } }) => map.latLngToLayerPoint([coordinates[1], coordinates[0]]).add([8, -14]));

/** Groups of items whose marks would hide each other: [{x, y, members}], x and y in pixels of the map's layer. */
function groups(map, items, features) {
  const found = [];
  const taken = flags(map, features);
  for (const item of items.filter(({ point }) => point)) {
    const foot = map.latLngToLayerPoint([item.point.lat, item.point.lon]);
    const away = awayFromStreet(map, item.point, features);
    const at = (stem) => ({ x: foot.x + away.x * stem, y: foot.y + away.y * stem });
    const isTaken = ({ x, y }) => taken.some((one) => Math.abs(one.x - x) < APART.x - 10 && Math.abs(one.y - y) < APART.y);
    const { x, y } = isTaken(at(STEM)) ? at(2 * STEM) : at(STEM);
    const near = found.find((one) => Math.abs(one.x - x) < APART.x && Math.abs(one.y - y) < APART.y);
    if (near) near.members.push(item);
    else found.push({ x, y, members: [item] });
  }
  return found;
}

/**
 * Marks of a map: {draw(items), light(id), boxes()}. An item is {id, group, number?, isMine?, title, point: {lat, lon}}.
 * A tap on a mark calls `open(item)`; a tap on a pile goes closer. The list below the map holds the same for the keyboard.
 */
export function drawMarks(map, features, { open }) {
  const { L } = window;
  const stems = L.layerGroup().addTo(map);
  const layer = L.layerGroup().addTo(map);
  const drawn = new Map();
  let lit = null;

  function stem(point, top) {
    const foot = [point.lat, point.lon];
    L.polyline([foot, top], { className: "mark-stem", interactive: false }).addTo(stems);
    L.circleMarker(foot, { radius: 3, className: "mark-foot", fillOpacity: 1, interactive: false }).addTo(stems);
  }

  function place(html, { x, y }, tap) {
    const at = map.layerPointToLatLng([x, y]);
    const shape = L.divIcon({ className: "map-mark", html, iconSize: [SIZE, SIZE] });
    return [L.marker(at, { icon: shape, keyboard: false, zIndexOffset: 1000 }).on("click", tap).addTo(layer), at];
  }

  function one(item, at) {
    const [marker, top] = place(picture(item), at, () => open(item));
    drawn.set(item.id, marker);
    stem(item.point, top);
  }

  function pile(members, at) {
    const html = el("span", { class: "map-pile", title: t("map_pile", { n: members.length }) }, String(members.length));
    const [, top] = place(html, at, () => closer(members));
    for (const { point } of members) stem(point, top);
  }

  function closer(members) {
    const bounds = L.latLngBounds(members.map(({ point }) => [point.lat, point.lon]));
    if (map.getZoom() >= map.getMaxZoom()) open(members[0]);
    else map.fitBounds(bounds.pad(0.3), { animate: false, maxZoom: Math.min(map.getZoom() + 2, map.getMaxZoom()) });
  }

  function light(id) {
    lit = id;
    for (const [key, marker] of drawn) marker.getElement().classList.toggle("is-linked", key === id);
  }

  function draw(items) {
    stems.clearLayers();
    layer.clearLayers();
    drawn.clear();
    for (const { x, y, members } of groups(map, items, features)) {
      if (members.length > FAN) pile(members, { x, y });
      else members.forEach((item, i) => one(item, { x: x + (i - (members.length - 1) / 2) * APART.x, y }));
    }
    light(lit);
  }

  /** Where marks stand on the screen, so that names can stand elsewhere. */
  const boxes = () =>
    layer.getLayers().map((marker) => {
      const { x, y } = map.latLngToContainerPoint(marker.getLatLng());
      return { x: x - SIZE / 2, y: y - SIZE / 3, wide: SIZE, high: (2 * SIZE) / 3 };
    });

  return { draw, light, boxes };
}
