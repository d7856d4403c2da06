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

/** Where the meeting point's flag stands, so that no mark hides it. */
const flags = (chart, features) =>
  ofKind(features, "meeting").map(({ geometry: { coordinates } }) => {
    const { x, y } = chart.at({ lat: coordinates[1], lon: coordinates[0] });
    return { x: x + 8, y: y - 14 };
  });

const isNear = (one, other, slack = 0) => Math.abs(one.x - other.x) < APART.x - slack && Math.abs(one.y - other.y) < APART.y;

/** Groups of items whose marks would hide each other: [{x, y, members}], x and y where the group stands on the sheet. */
export function groupMarks(chart, items, features) {
  const found = [];
  const taken = flags(chart, features);
  for (const item of items.filter(({ point }) => point)) {
    const foot = chart.at(item.point);
    const away = awayFromStreet(chart, item.point, features);
    const top = (stem) => ({ x: foot.x + away.x * stem, y: foot.y + away.y * stem });
    const at = taken.some((flag) => isNear(flag, top(STEM), 10)) ? top(2 * STEM) : top(STEM);
    const near = found.find((one) => isNear(one, at));
    if (near) near.members.push(item);
    else found.push({ ...at, members: [item] });
  }
  return found;
}

const isPile = ({ members }) => members.length > FAN;

/** Where each mark of a group stands. */
const spots = (group) =>
  isPile(group) ? [group] : group.members.map((item, i) => ({ x: group.x + (i - (group.members.length - 1) / 2) * APART.x, y: group.y }));

/** Where marks stand, so that names can stand elsewhere: [{x, y, wide, high}]. */
export const boxesOf = (groups) =>
  groups.flatMap(spots).map(({ x, y }) => ({ x: x - SIZE / 2, y: y - SIZE / 3, wide: SIZE, high: (2 * SIZE) / 3 }));

function picture({ group, number, isMine }) {
  const inner = el("span", { class: `map-mark-in${isMine ? " is-mine" : ""}` }, icon(group, "mark"));
  if (number) inner.append(el("b", { class: "map-number" }, String(number)));
  return inner;
}

function stem(chart, point, top) {
  chart.line([chart.at(point), top], "mark-stem");
  chart.dot(chart.at(point), 3, "mark-foot");
}

/**
 * Paints the marks. An item is {id, group, number?, isMine?, title, point: {lat, lon}}. A tap on a mark calls `open(item)`;
 * a tap on a pile goes closer. The list below the map holds the same for keyboard and screen reader.
 */
export function paintMarks(chart, groups, { open, lit }) {
  const mark = (html, at, tap, isLit = false) =>
    chart.put(at, el("span", { class: `map-mark${isLit ? " is-linked" : ""}`, onclick: tap, "aria-hidden": "true" }, html));
  for (const group of groups) {
    const places = spots(group);
    group.members.forEach((item, i) => stem(chart, item.point, places[i] || group));
    if (isPile(group)) {
      const { members } = group;
      const count = el("span", { class: "map-pile", title: t("map_pile", { n: members.length }) }, String(members.length));
      mark(count, group, () => (chart.isClosest ? open(members[0]) : closer(chart, members)));
    } else group.members.forEach((item, i) => mark(picture(item), places[i], () => open(item), item.id === lit));
  }
}

function closer(chart, members) {
  chart.fit(members.map(({ point }) => point), { padding: 90, most: chart.zoom + 2 });
}
