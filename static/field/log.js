// The first screen: six buttons and where you are. A tap saves at once.

import { improveLater } from "./better.js";
import { nearestFace, shortStreet, toLine, ofKind } from "./blocks.js";
import { $, el, icon, say, svg } from "./dom.js";
import { kick } from "./outbox.js";
import { asFix, asPosition, best, onPlace, place } from "./place.js";
import { add, localTime } from "./records.js";
import { counters, go, here } from "./shell.js";
import { gpsChip, litNow, placeWords, quality } from "./spot.js";
import { said, t } from "./words.js";

const BOUNCE = 700;
let tapped = -BOUNCE;

/** Saves a concern of this kind with the best position there is, then opens its sheet. */
async function log(category) {
  const now = performance.now();
  if (now - tapped < BOUNCE) return;
  tapped = now;
  performance.mark("tap");
  const fix = best();
  const body = {
    category,
    captured_at: localTime(),
    position: asPosition(fix),
    fix: asFix(fix),
    address: "",
    segment: null,
    side: null,
    lit: litNow(here.walk.pack),
    note: "",
    danger_now: false,
    told_by: "seen",
    city_case: "",
  };
  try {
    const kept = await add({ kind: "concern", walk: here.walk.id, body });
    performance.measure("tap-to-durable", "tap");
    improveLater(kept.id);
    kick(4000);
    navigator.vibrate?.(40);
    navigator.storage?.persist?.();
    go("c", kept.id);
  } catch {
    say(t("not_saved"), { bad: true });
  }
}

onPlace(() => {
  if (here.screen === "log") whereYouAre();
});

// For a phone that joined and lost the signal before the pack came.
const USUAL = { house: "VACANT_BLD", light: "LIGHT_OUT", ground: "DUMPING", way: "SIDEWALK", plants: "OVERGROWTH", good: "ASSET" };

function defaultOf(group) {
  const kinds = (here.walk.pack?.categories || []).filter((one) => one.group === group);
  return (kinds.find((one) => one.is_group_default) || kinds[0])?.code || USUAL[group];
}

function stateWords() {
  const fix = best();
  if (fix) return quality({ ...fix, source: "gps" });
  if (place.state === "denied") return { words: t("place_denied"), good: false, symbol: "warning" };
  if (place.state === "none") return { words: t("place_none"), good: false, symbol: "warning" };
  return { words: t("finding"), good: false, symbol: "pin" };
}

export function whereYouAre() {
  const fix = best();
  const map = here.walk?.pack?.map;
  const face = fix && nearestFace(fix, map);
  $("plate").textContent = fix ? placeWords(face) : here.walk?.pack?.walk.corridor || "";
  $("plate").hidden = !$("plate").textContent;
  $("gps").replaceChildren(gpsChip(stateWords()));
  strip(fix, face, map);
}

const WIDE = 366;

/** Two blocks before and after you, the corridor's two sides as two lines. */
function strip(fix, face, map) {
  const box = $("strip");
  box.hidden = !face;
  if (!face) return;
  const segments = ofKind(map, "segment");
  const at = segments.indexOf(face.segment);
  const shown = segments.slice(Math.max(0, at - 1), at + 2);
  const lengths = shown.map((segment) => toLine(fix, segment.geometry.coordinates).length);
  const scale = WIDE / (lengths.reduce((a, b) => a + b, 0) || 1);
  const drawing = svg("svg", { viewBox: "-4 0 374 58", role: "img" });
  drawing.append(svg("path", { class: "road", d: `M0 28H${WIDE}v3H0zM0 39H${WIDE}v3H0z` }));
  let x = 0;
  let you = 0;
  shown.forEach((segment, i) => {
    if (segment === face.segment) you = x + face.along * scale;
    tick(drawing, x, segment.properties.from_name);
    x += lengths[i] * scale;
  });
  tick(drawing, x, shown.at(-1).properties.to_name);
  drawing.append(svg("circle", { class: "you", cx: you, cy: face.side === "left" ? 29 : 40, r: 9 }));
  const { from_name: from, to_name: to } = face.segment.properties;
  const where = [placeWords(face), from && to ? t("between", { from, to }) : ""].filter(Boolean).join(", ");
  drawing.setAttribute("aria-label", t("you_are_here", { place: where }));
  box.replaceChildren(drawing);
}

function tick(drawing, x, name) {
  drawing.append(svg("path", { class: "tick", d: `M${x} 20V50` }));
  const anchor = x < 30 ? "start" : x > WIDE - 30 ? "end" : "middle";
  if (name) drawing.append(svg("text", { x, y: 13, "text-anchor": anchor }, shortStreet(name)));
}

function kindButton({ code, group, name }) {
  return el("button", { type: "button", class: "kind", onclick: () => log(code) }, icon(group, "mark"), said(name));
}

export function show(screen) {
  if (screen === "kinds") {
    $("all-kinds").replaceChildren(...(here.walk.pack?.categories || []).map(kindButton));
    return;
  }
  $("six").onclick = (event) => {
    const button = event.target.closest("button");
    const code = button && defaultOf(button.dataset.group);
    if (code) log(code);
  };
  whereYouAre();
  counters();
}

