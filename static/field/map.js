// The map of this walk: our own lines, what to check again, what I logged and where I am. It needs no signal.

import { atlasLook, paintMe, paintStreets, pointsOf } from "./atlas.js";
import { besideLine, metresOff, nearestFace, ofKind, segmentOf } from "./blocks.js";
import { Chart } from "./chart.js";
import { $, el, icon } from "./dom.js";
import { boxesOf, groupMarks, paintMarks } from "./marks.js";
import { best, onPlace } from "./place.js";
import { onChange, recordsOf } from "./records.js";
import { go, here } from "./shell.js";
import { placeWords, quality } from "./spot.js";
import { about } from "./titles.js";
import { said, t } from "./words.js";

const NEAR_M = 400; // no farther from the corridor: the map opens where the phone is
const CLOSE = 17.5;
const STEP = 80; // pixels
const KEYS = { ArrowUp: [0, -STEP], ArrowDown: [0, STEP], ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0] };

let chart = null;
let items = []; // what the list holds, in its order; those with a place are marks as well
let tone = () => "";
let lit = null; // the item that "Next" showed
let at = -1; // which item "Next" showed last

const mapOfWalk = () => here.walk?.pack?.map;

// --- what there is --------------------------------------------------------------------------------------------------------

/** A point of a look or a record: its own, else the middle of its block face, else null. */
function pointOf({ lat, lon, position, segment, side }) {
  if (Number.isFinite(lat)) return { lat, lon };
  if (position) return { lat: position.lat, lon: position.lon };
  const block = segmentOf(mapOfWalk(), segment);
  return block && besideLine(block.geometry.coordinates, side || "left");
}

const groupOf = (code) => (here.walk.pack?.categories || []).find((one) => one.code === code);

function lookItem(look, i) {
  const kind = groupOf(look.category);
  const more = look.address || said(look.place);
  const title = said(kind?.name) || look.category;
  return { id: look.id, number: i + 1, group: kind?.group || "other", title, more, href: `#again=${look.id}`, point: pointOf(look) };
}

function mineItem(record) {
  const { symbol, title, more, href } = about(record, here.walk.pack);
  return { id: record.id, group: symbol, title, more, href, point: pointOf(record.body), isMine: true };
}

/** What the map and its list show: first what to check again, then what this phone logged, oldest first. */
async function gather() {
  const records = (await recordsOf(here.walk.id)).filter(({ kind }) => kind === "concern").reverse();
  return [...(here.walk.pack?.looks || []).map(lookItem), ...records.map(mineItem)];
}

// --- the legend -----------------------------------------------------------------------------------------------------------

const SIGNS = ["you", "team", "walked", "side", "again", "mine", "meeting", "landmark"];

function drawLegend() {
  const inside = { again: "1", meeting: icon("flag", "flag") };
  const sign = (key) => el("span", { class: `sign sign-${key}`, "aria-hidden": "true" }, inside[key]);
  $("map-legend").replaceChildren(...SIGNS.map((key) => el("li", {}, sign(key), el("span", {}, t(`key_${key}`)))));
}

const teamBlocks = () => new Set(here.walk.pack?.team?.segments || []);

/** Whether our team walks this side; an older pack says nothing of sides and means both. */
function isOurs(segment, side) {
  const { segments = [], sides = {} } = here.walk.pack?.team || {};
  return segments.includes(segment) && ["both", side, undefined].includes(sides[segment]);
}

async function toneOf() {
  const passes = (await recordsOf(here.walk.id)).filter(({ kind }) => kind === "pass");
  const walked = new Set(passes.map(({ body }) => `${body.segment} ${body.side}`));
  return (segment, side) =>
    [isOurs(segment, side) && "side-team", walked.has(`${segment} ${side}`) && "side-walked"].filter(Boolean).join(" ");
}

// --- in words -------------------------------------------------------------------------------------------------------------

function sentence() {
  const { pack } = here.walk;
  const blocks = ofKind(pack.map, "segment");
  const { from_name: from } = blocks[0]?.properties || {};
  const { to_name: to } = blocks.at(-1)?.properties || {};
  const n = { looks: items.filter(({ isMine }) => !isMine).length, mine: items.filter(({ isMine }) => isMine).length };
  const unplaced = items.filter(({ point }) => !point).length;
  const parts = [
    t("map_corridor", { corridor: pack.walk.corridor, n: blocks.length }),
    from && to && t("map_stretch", { from, to }),
    pack.team && t("map_team", { n: teamBlocks().size }),
    n.looks > 0 && t("map_again", { n: n.looks }),
    n.mine > 0 && t("map_mine", { n: n.mine }),
    unplaced > 0 && t("map_unplaced", { n: unplaced }),
  ];
  return `${parts.filter(Boolean).join(", ")}.`;
}

function youAre() {
  const fix = best();
  if (!fix) return t("map_no_me");
  const place = placeWords(nearestFace(fix, mapOfWalk()));
  return t("map_you", { place, quality: quality({ ...fix, source: "gps" }).words });
}

const line = (item) =>
  el(
    "li",
    { "data-mark": item.id },
    el(
      "a",
      { class: "line", href: item.href },
      icon(item.group, item.isMine ? "mark mark-mine" : "mark"),
      el("span", { class: "grow" }, el("b", {}, item.number ? `${item.number} · ${item.title}` : item.title), el("small", {}, item.more)),
    ),
  );

function drawList() {
  $("map-says").textContent = sentence();
  $("map-list").replaceChildren(...items.map(line));
  $("map-list-empty").hidden = items.length > 0;
}

// --- moving about ---------------------------------------------------------------------------------------------------------

function toMe() {
  const fix = best();
  $("map-at").textContent = youAre();
  if (fix) chart.view(fix, Math.max(chart.zoom, CLOSE));
}

function toAll() {
  const features = mapOfWalk().features.filter(({ properties }) => properties.kind !== "landmark");
  const points = [...pointsOf(features), ...items.map(({ point }) => point).filter(Boolean)];
  if (points.length) chart.fit(points, { most: CLOSE });
}

function toNext() {
  const placed = items.filter(({ point }) => point);
  if (!placed.length) {
    $("map-at").textContent = t("map_list_empty");
    return;
  }
  at = (at + 1) % placed.length;
  const item = placed[at];
  lit = item.id;
  chart.view(item.point, Math.max(chart.zoom, CLOSE));
  const what = [item.number ? `${item.number} · ${item.title}` : item.title, item.more].filter(Boolean).join(", ");
  const open = el("a", { class: "btn", href: item.href }, t("map_open"));
  $("map-at").replaceChildren(el("span", {}, t("map_at", { n: at + 1, max: placed.length, what })), open);
}

function openShown() {
  $("map-at").querySelector("a")?.click();
}

const ACTIONS = { me: toMe, next: toNext, all: toAll, closer: () => chart.zoomBy(1), away: () => chart.zoomBy(-1) };
const KEY_ACTIONS = { "+": "closer", "=": "closer", "-": "away", n: "next", N: "next" };

function wire() {
  $("map-tools").onclick = (event) => ACTIONS[event.target.closest("button")?.dataset.act]?.();
  $("map-box").onkeydown = (event) => {
    const { key } = event;
    if (KEYS[key]) chart.pan(...KEYS[key]);
    else if (KEY_ACTIONS[key]) ACTIONS[KEY_ACTIONS[key]]();
    else if (key === "Enter") openShown();
    else return;
    event.preventDefault();
  };
}

/** Where the phone is if that is near, closely; else the team's blocks; else everything. */
function lookThere() {
  const fix = best();
  const off = fix && metresOff(fix, mapOfWalk());
  if (fix && off !== null && off < NEAR_M) {
    chart.view(fix, CLOSE - 0.5);
    return;
  }
  const team = teamBlocks();
  const points = pointsOf(ofKind(mapOfWalk(), "segment").filter(({ properties }) => team.has(properties.id)));
  if (points.length) chart.fit(points, { padding: 30, most: CLOSE });
  else toAll();
}

// --- the screen -----------------------------------------------------------------------------------------------------------

onPlace(() => chart?.paint());

/** Something was logged, taken back or improved, here or in another tab. */
async function refresh() {
  if (!chart) return;
  items = await gather();
  tone = await toneOf();
  drawList();
  chart?.paint();
}

onChange(() => refresh().catch(() => {}));

function close() {
  chart?.close();
  chart = null;
}

const open = (item) => go(...item.href.slice(1).split("="));

function paint(sheet) {
  const groups = groupMarks(sheet, items, mapOfWalk());
  paintStreets(sheet, mapOfWalk(), { tone, taken: boxesOf(groups) });
  paintMe(sheet, best());
  paintMarks(sheet, groups, { open, lit });
}

export async function show() {
  close();
  $("map-at").textContent = "";
  at = -1;
  lit = null;
  const isThere = Boolean(here.walk.pack);
  for (const id of ["map-box", "map-tools", "map-key-part", "map-list-part"]) $(id).hidden = !isThere;
  $("map-says").textContent = t("map_no_pack");
  if (!isThere) return null;
  items = await gather();
  drawList();
  drawLegend();
  tone = await toneOf();
  await atlasLook();
  chart = new Chart($("map-box"), paint);
  lookThere();
  $("map-at").textContent = youAre();
  wire();
  return close;
}
