// The pin: a map under a fixed cross, moved by finger, by four buttons or by the arrow keys. Our own lines are enough.

import { atlasLook, paintMe, paintStreets, pointsOf } from "./atlas.js";
import { metresOff, nearestFace, ofKind } from "./blocks.js";
import { Chart } from "./chart.js";
import { $, say } from "./dom.js";
import { kick } from "./outbox.js";
import { best, onPlace } from "./place.js";
import { change, record as load } from "./records.js";
import { settings } from "./settings.js";
import { here } from "./shell.js";
import { placeWords } from "./spot.js";
import { distance, t } from "./words.js";

const STEP = 32; // pixels: about 5 m at the closest zoom
const CLOSE = 18;
const PAUSE = 350; // the place is said when the map lies still, not at each step
const MOVES = { north: [0, -STEP], south: [0, STEP], west: [-STEP, 0], east: [STEP, 0] };
const KEYS = { ArrowUp: "north", ArrowDown: "south", ArrowLeft: "west", ArrowRight: "east" };
const ZOOMS = { "+": 1, "=": 1, "-": -1 };

let chart = null;
let timer = 0;

onPlace(() => chart?.paint());

const mapOfWalk = () => here.walk.pack?.map;

/** Where to begin when nobody knows: the middle of the team's blocks, of the corridor, of the city. */
function middle() {
  const { team } = here.walk.pack || {};
  const blocks = ofKind(mapOfWalk(), "segment");
  const ours = blocks.filter(({ properties }) => team?.segments.includes(properties.id));
  const points = pointsOf(ours.length ? ours : blocks);
  return points[Math.floor(points.length / 2)] || { lat: settings.center[0], lon: settings.center[1] };
}

/** The block under the cross in words, or how far off the corridor it is. */
function placeUnder(at) {
  const face = nearestFace(at, mapOfWalk());
  const off = face ? null : metresOff(at, mapOfWalk());
  return off === null ? placeWords(face) : t("pin_off", { distance: distance(off) });
}

function tellWhere() {
  clearTimeout(timer);
  timer = setTimeout(() => {
    if (chart) $("pin-place").textContent = placeUnder(chart.center);
  }, PAUSE);
}

function move(where, zoom) {
  if (where) chart.pan(...MOVES[where]);
  if (zoom) chart.zoomBy(Number(zoom));
}

function wire(use) {
  $("pin-moves").onclick = (event) => {
    const { dataset = {} } = event.target.closest("button") || {};
    move(dataset.move, dataset.zoom);
  };
  $("pin-map").onkeydown = (event) => {
    const { key } = event;
    if (key === "Enter") use();
    else if (KEYS[key] || ZOOMS[key]) move(KEYS[key], ZOOMS[key]);
    else return;
    event.preventDefault();
  };
  $("pin-use").onclick = use;
  $("pin-back").onclick = () => history.back();
}

async function use(id) {
  const { lat, lon } = chart.center;
  const round = (degrees) => Math.round(degrees * 1e6) / 1e6;
  const at = { lat: round(lat), lon: round(lon) };
  const face = nearestFace(at, mapOfWalk());
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
  clearTimeout(timer);
  chart?.close();
  chart = null;
}

function paint(sheet) {
  paintStreets(sheet, mapOfWalk());
  paintMe(sheet, best());
  tellWhere();
}

export async function show(screen, id) {
  const record = await load(id);
  await atlasLook();
  close();
  chart = new Chart($("pin-map"), paint);
  chart.view(record?.body.position || best() || middle(), CLOSE);
  $("pin-place").textContent = placeUnder(chart.center);
  wire(() => use(id));
  return close;
}
