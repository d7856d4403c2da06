// Blocks: both sides of each, walked by one tap. What other phones walked isn't known here.

import { nearestFace, ofKind, offset, shortStreet } from "./blocks.js";
import { $, chips, el, icon, svg } from "./dom.js";
import { button, heading, keep, savedLine, scale, screenOf, takenBack, tap } from "./parts.js";
import { best } from "./place.js";
import { add, change, localTime, onChange, recordsOf, stateOf } from "./records.js";
import { here } from "./shell.js";
import { litNow, placeWords } from "./spot.js";
import { get, remove, set } from "./store.js";
import { labels } from "./titles.js";
import { said, t, time } from "./words.js";

const LONGEST_BLOCK = 60 * 60000; // a pass that ended longer ago says nothing about when this one began
const LIGHTS = { day: "sun", dusk: "sun", dark: "moon" };
const STARTED = "walked-start";

let passes = []; // of this phone, newest first
let started = null; // {walk, segment, side, at}
let opened = ""; // the pass whose extras show

const zone = () => here.walk.pack?.walk.time_zone;
const passesOf = (segment, side) => passes.filter(({ body }) => body.segment === segment && body.side === side);
const isStarted = (segment, side) => started?.segment === segment && started.side === side;

async function read() {
  const kept = await recordsOf(here.walk.id);
  passes = kept.filter((one) => one.kind === "pass" && stateOf(one) !== "closed");
  const mark = await get("meta", STARTED);
  started = mark?.walk === here.walk.id ? mark : null;
}

// --- saving ---------------------------------------------------------------------------------------------------------------

/** When this pass began: where somebody tapped "Start here", or where the pass before ended. By default: now. */
function beganAt(segment, side, now) {
  if (isStarted(segment, side)) return started.at;
  const before = Math.max(0, ...passes.map(({ body }) => Date.parse(body.ended_at)).filter((at) => at <= now));
  return now - before < LONGEST_BLOCK ? before : now;
}

async function walk(segment, side) {
  const now = Date.now();
  const body = {
    segment,
    side,
    lit: litNow(here.walk.pack, now),
    started_at: localTime(new Date(beganAt(segment, side, now))),
    ended_at: localTime(new Date(now)),
    ratings: {},
  };
  const kept = await keep(() => add({ kind: "pass", walk: here.walk.id, body }));
  if (!kept) return;
  if (isStarted(segment, side)) await remove("meta", STARTED).catch(() => {});
  opened = kept.id;
  await draw();
  $("walked-extra")?.focus();
}

async function begin(segment, side) {
  await keep(() => set("meta", { walk: here.walk.id, segment, side, at: Date.now() }, STARTED));
  await draw();
  focusOn(segment, side);
}

async function undo(pass) {
  if (!(await takenBack(pass.id))) return;
  opened = "";
  await draw();
  focusOn(pass.body.segment, pass.body.side);
}

async function rate(pass, code, value) {
  await keep(async () => {
    const { body, cannot = [] } = passes.find((one) => one.id === pass.id) || pass;
    const ratings = { ...body.ratings };
    if (value === "none") delete ratings[code];
    else ratings[code] = Number(value);
    const others = cannot.filter((one) => one !== code);
    return change(pass.id, { ratings }, { cannot: value === "none" ? [...others, code] : others });
  });
  await read();
}

async function relight(pass, lit) {
  await keep(() => change(pass.id, { lit }));
  await draw();
  document.querySelector("[name=walked-lit]:checked")?.focus();
}

// --- the corridor flattened: both sides of the street as two lines, thick where this phone walked, dashed where not --------

const WIDE = 366;
const Y = { left: 28, right: 42 };

function lengthOf({ geometry }) {
  const points = geometry.coordinates.map(([lon, lat]) => ({ lon, lat }));
  const pieces = points.slice(1).map((point, i) => offset(points[i], point));
  return pieces.reduce((sum, { x, y }) => sum + Math.hypot(x, y), 0) || 1;
}

function corner(x, name) {
  const anchor = x < 30 ? "start" : x > WIDE - 30 ? "end" : "middle";
  const line = svg("path", { class: "tick", d: `M${x} 20V50` });
  return name ? [line, svg("text", { x, y: 13, "text-anchor": anchor }, shortStreet(name))] : [line];
}

/** An <svg> of segments in order. `walked(segment id, side)` tells what is thick; `label` says it in words. */
function ribbon(segments, walked, label) {
  const lengths = segments.map(lengthOf);
  const scale = WIDE / lengths.reduce((sum, one) => sum + one, 0);
  const drawing = svg("svg", { viewBox: "-4 0 374 50", role: "img", "aria-label": label, class: "ribbon" });
  let x = 0;
  drawing.append(...corner(0, segments[0].properties.from_name));
  segments.forEach((segment, i) => {
    const end = x + lengths[i] * scale;
    for (const side of ["left", "right"]) {
      const done = walked(segment.properties.id, side);
      drawing.append(svg("path", { class: done ? "walked" : "unwalked", d: `M${x + 3} ${Y[side]}H${end - 3}` }));
    }
    const isNamed = i === segments.length - 1 || segments.length <= 4; // more names would run into each other
    drawing.append(...corner(end, isNamed && segment.properties.to_name));
    x = end;
  });
  return drawing;
}

// --- the parts ------------------------------------------------------------------------------------------------------------

const segmentOf = (id) => ofKind(here.walk.pack?.map, "segment").find(({ properties }) => properties.id === id);
const placeOf = ({ segment, side }) => placeWords({ segment: segmentOf(segment), side });

function focusOn(segment, side) {
  document.querySelector(`[data-segment="${segment}"] [data-side="${side}"] button`)?.focus();
}

function doneLine(pass) {
  const { lit, ended_at: at } = pass.body;
  return el("p", { class: "done-line", "data-lit": lit }, icon(LIGHTS[lit]), el("span", {}, `${t(`walked_${lit}`)}, ${time(at, zone())}`));
}

function savedHere(pass) {
  const words = `${placeOf(pass.body)}: ${t(`walked_${pass.body.lit}`)}`;
  return savedLine(pass, zone(), words);
}

function changeButton(pass) {
  const isOpen = opened === pass.id;
  const press = async () => {
    opened = isOpen ? "" : pass.id;
    await draw();
    focusOn(pass.body.segment, pass.body.side);
  };
  return button({ "aria-expanded": String(isOpen), onclick: press }, t("walked_change"));
}

/** One side of the street: its name, what was walked here, and the buttons. */
function sidePart(segment, side) {
  const { id, sides } = segment.properties;
  const [, name, numbers = ""] = /^(.*?)(?: \((.*)\))?$/.exec(said(sides?.[side]) || t(side === "left" ? "pin_west" : "pin_east"));
  const done = passesOf(id, side);
  const lit = litNow(here.walk.pack);
  const isDone = done.some(({ body }) => body.lit === lit);
  const began = isStarted(id, side);
  const label = placeWords({ segment, side });
  const it = began ? t("walked_end") : t("walked_it");
  return el(
    "div",
    { class: `side${done.length ? " side-done" : ""}`, "data-side": side, role: "group", "aria-label": label },
    el("p", {}, el("b", {}, name), numbers && el("small", { class: "quiet" }, ` ${numbers}`)),
    done.length ? done.map(doneLine) : el("p", { class: "quiet" }, began ? t("walked_since", { time: time(started.at, zone()) }) : t("walked_not")),
    !isDone && button({ class: began ? "btn-go" : "walk-it", onclick: tap(() => walk(id, side)) }, it),
    !done.length && !began && button({ class: "btn-quiet", onclick: tap(() => begin(id, side)) }, t("walked_start")),
    done.map(changeButton),
  );
}

/** What can be said about a pass once it is saved: light, ratings, undo. */
function extra(pass) {
  const lights = ["day", "dusk", "dark"].map((lit) => [lit, t(`lit_${lit}`)]);
  const chosen = (code) => (pass.cannot?.includes(code) ? "none" : String(pass.body.ratings[code] ?? ""));
  const one = ([code, legend]) =>
    scale({ name: `rate-${code}`, legend, chosen: chosen(code), change: (value) => rate(pass, code, value) });
  return el(
    "div",
    { class: "extra", id: "walked-extra", tabindex: "-1" },
    savedHere(pass),
    el("h3", { class: "legend" }, t("walked_rate")),
    el("p", { class: "hint" }, t("walked_rate_hint")),
    labels(here.walk.pack, "ratings").map(one),
    chips({ name: "walked-lit", legend: t("lit"), options: lights, chosen: [pass.body.lit], change: ([lit]) => relight(pass, lit) }),
    button({ class: "btn-wide", onclick: tap(() => undo(pass)) }, icon("undo"), t("undo")),
  );
}

function block(segment, face) {
  const { id, name, name_es: es, from_name: from, to_name: to } = segment.properties;
  const pass = passes.find((one) => one.id === opened && one.body.segment === id);
  const isHere = face?.segment.properties.id === id;
  return el(
    "li",
    { class: `card block${isHere ? " card-here" : ""}`, "data-segment": id },
    el(
      "div",
      { class: "block-head" },
      el("h3", {}, said({ en: name, es })),
      isHere && el("span", { class: "plate" }, t("walked_here")),
      from && to && el("p", { class: "quiet" }, t("between", { from, to })),
    ),
    el("div", { class: "sides" }, sidePart(segment, "left"), sidePart(segment, "right")),
    pass && extra(pass),
  );
}

function group(title, segments, face) {
  if (!segments.length) return null;
  return el("section", { class: "stack" }, el("h2", { class: "rule" }, title), el("ul", { class: "stack" }, segments.map((one) => block(one, face))));
}

/** The blocks of our team in walking order, then the others; without a team all of them in one group. */
function groups(segments) {
  const ours = new Set(here.walk.pack?.team?.segments || []);
  const fix = best();
  const face = fix && nearestFace(fix, here.walk.pack?.map);
  const isOurs = ({ properties }) => ours.has(properties.id);
  if (!segments.some(isOurs)) return [group(t("walked_all"), segments, face)];
  const others = segments.filter((one) => !isOurs(one));
  return [group(t("walked_ours"), segments.filter(isOurs), face), group(t("walked_others"), others, face)];
}

async function draw() {
  await read();
  const segments = ofKind(here.walk.pack?.map, "segment");
  const walked = (segment, side) => passesOf(segment, side).length > 0;
  const n = segments.flatMap(({ properties }) => ["left", "right"].filter((side) => walked(properties.id, side))).length;
  const sum = t("walked_done", { n, max: segments.length * 2 });
  const section = screenOf("walked");
  const scrolled = section.scrollTop;
  section.replaceChildren(
    heading(t("walked_title")),
    ...(segments.length
      ? [
          el("div", {}, el("p", { id: "walked-sum" }, sum), ribbon(segments, walked, sum), el("p", { class: "hint" }, t("walked_hint"))),
          ...groups(segments).filter(Boolean),
        ]
      : [el("p", { class: "note note-lamp" }, t("walked_none"))]),
  );
  section.scrollTop = scrolled;
}

/** It was sent meanwhile: only the line that says so is drawn again, nothing moves under a finger. */
async function refresh() {
  if (here.screen !== "walked" || !opened) return;
  await read();
  const pass = passes.find((one) => one.id === opened);
  const line = $("walked-extra")?.querySelector(".saved");
  if (pass && line && line.dataset.state !== stateOf(pass)) line.replaceWith(savedHere(pass));
}

onChange(() => refresh().catch(() => {}));

/** `segment`: the block to open at ("#walked=<id>", from "My list"). */
export async function show(screen, segment) {
  await read();
  opened = passes.find((one) => one.body.segment === segment && stateOf(one) === "refused")?.id || ""; // to be corrected
  await draw();
  const at = () => (opened && $("walked-extra")) || document.querySelector(`[data-segment="${segment}"]`);
  if (segment) requestAnimationFrame(() => at()?.scrollIntoView());
}
