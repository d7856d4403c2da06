// Marks on the map: what is to be checked again (numbered) and what this phone logged (framed).

import { el, icon } from "./dom.js";
import { t } from "./words.js";

const CELL = 34; // pixels; marks nearer than this stand side by side, or become one pile that says how many
const FAN = 3;
const SIZE = 44;

function picture({ group, number, isMine }) {
  const inner = el("span", { class: `map-mark-in${isMine ? " is-mine" : ""}` }, icon(group, "mark"));
  if (number) inner.append(el("b", { class: "map-number" }, String(number)));
  return inner;
}

/** Items that would hide each other on the screen, together. */
function cells(map, items) {
  const found = new Map();
  for (const item of items.filter(({ point }) => point)) {
    const at = map.project([item.point.lat, item.point.lon]).divideBy(CELL).floor();
    const key = `${at.x}:${at.y}`;
    found.set(key, [...(found.get(key) || []), item]);
  }
  return [...found.values()];
}

/**
 * Marks of a map: {draw(items), light(id)}. An item is {id, group, number?, isMine?, title, point: {lat, lon}}.
 * A tap on a mark calls `open(item)`; a tap on a pile goes closer. The list below the map holds the same for the keyboard.
 */
export function drawMarks(map, { open }) {
  const { L } = window;
  const layer = L.layerGroup().addTo(map);
  const drawn = new Map();
  let lit = null;

  function place(html, at, { anchor = [SIZE / 2, SIZE / 2], tap }) {
    const shape = L.divIcon({ className: "map-mark", html, iconSize: [SIZE, SIZE], iconAnchor: anchor });
    return L.marker([at.lat, at.lon], { icon: shape, keyboard: false }).on("click", tap).addTo(layer);
  }

  function one(item, i, all) {
    const anchor = [SIZE / 2 - (i - (all - 1) / 2) * (SIZE - 6), SIZE / 2];
    drawn.set(item.id, place(picture(item), item.point, { anchor, tap: () => open(item) }));
  }

  function pile(members) {
    const bounds = L.latLngBounds(members.map(({ point }) => [point.lat, point.lon]));
    const { lat, lng } = bounds.getCenter();
    const html = el("span", { class: "map-pile", title: t("map_pile", { n: members.length }) }, String(members.length));
    place(html, { lat, lon: lng }, { tap: () => closer(members, bounds) });
  }

  function closer(members, bounds) {
    if (map.getZoom() >= map.getMaxZoom()) open(members[0]);
    else map.fitBounds(bounds.pad(0.3), { animate: false, maxZoom: Math.min(map.getZoom() + 2, map.getMaxZoom()) });
  }

  function light(id) {
    lit = id;
    for (const [key, marker] of drawn) marker.getElement().classList.toggle("is-linked", key === id);
  }

  function draw(items) {
    layer.clearLayers();
    drawn.clear();
    for (const members of cells(map, items)) {
      if (members.length > FAN) pile(members);
      else members.forEach((item, i) => one(item, i, members.length));
    }
    light(lit);
  }

  return { draw, light };
}
