// "We need help": what to say, whom to call, and one tap that tells the walk lead. Works with no signal and no pack.

import { nearestCorners, nearestFace } from "./blocks.js";
import { $, el, icon, keepTyped, typed } from "./dom.js";
import { button, callButton, callList, heading, keep, peopleToCall, savedLine, screenOf, takenBack, tap, tell } from "./parts.js";
import * as places from "./place.js";
import { add, change, localTime, onChange, recordsOf, stateOf } from "./records.js";
import { go, here } from "./shell.js";
import { gpsChip, placeWords, quality } from "./spot.js";
import { labels } from "./titles.js";
import { distance, t, time } from "./words.js";

const SAME_TROUBLE = 30 * 60000; // another kind tapped later than this is another incident
const FRESH = 60000;
let open = null; // the incident that this screen tells about
let startNew = false;

// --- where you are --------------------------------------------------------------------------------------------------------

function age(at) {
  const minutes = Math.floor((Date.now() - at) / 60000);
  if (minutes < 1) return t("ago_now");
  return minutes < 60 ? t("ago_minutes", { n: minutes }) : t("ago_hours");
}

/** A position in words: {main, more, segment, side}; `main` is "" where no street of ours is near. */
function inWords(at) {
  const map = here.walk.pack?.map;
  const face = nearestFace(at, map);
  if (face) {
    const { id, from_name: from, to_name: to } = face.segment.properties;
    return { main: placeWords(face), more: from && to ? t("between", { from, to }) : "", segment: id, side: face.side };
  }
  const [corner] = nearestCorners(at, map, 1);
  return { main: corner ? t("help_corner", { street: corner.name }) : "", more: t("help_off"), segment: null, side: null };
}

/** The newest thing logged here that has a place: {at, fix} or {at, words}. */
async function lastLogged() {
  for (const { kind, body, made_at: at } of await recordsOf(here.walk.id)) {
    if (kind === "concern" && body.address) return { at, words: body.address };
    if (body.position) return { at, fix: body.position };
  }
  return null;
}

/** Where this phone is or was: {at, fix, words, main, more, segment, side}, or null. */
async function whereabouts() {
  const fix = places.best() || places.last?.();
  if (fix) return { at: fix.at, fix, ...inWords(fix) };
  const logged = await lastLogged();
  if (!logged) return null;
  return logged.fix ? { ...logged, ...inWords(logged.fix) } : { ...logged, main: logged.words, more: "", segment: null, side: null };
}

const isOld = ({ at }) => Date.now() - at > FRESH;

const numbers = ({ lat, lon }) => t("help_numbers", { lat: lat.toFixed(5), lon: lon.toFixed(5) });

function placeCard(spot) {
  if (!spot) return [el("p", { class: "where-main" }, icon("warning"), t("help_unknown"))];
  const { fix } = spot;
  const lead = isOld(spot) ? t("help_was_near", { age: age(spot.at) }) : t("help_near");
  const rough = fix?.accuracy_m ? t("help_within", { distance: distance(fix.accuracy_m) }) : "";
  return [
    el("p", { class: isOld(spot) ? "where-lead gps-so" : "where-lead" }, isOld(spot) && icon("warning"), lead),
    el("p", { class: "where-main" }, spot.main || (fix ? numbers(fix) : t("off_corridor"))),
    spot.more && el("p", {}, spot.more),
    fix && !isOld(spot) && gpsChip(quality({ source: "gps", ...fix })),
    fix && spot.main && el("p", { class: "quiet" }, [numbers(fix), isOld(spot) && rough].filter(Boolean).join(", ")),
  ].filter(Boolean);
}

async function drawPlace() {
  if (here.screen !== "help") return;
  tell("help-where", ...placeCard(await whereabouts()));
}

/** The place as the walk lead reads it, with its age where it is old. A block, never a point. */
function placeText(spot) {
  if (!spot?.main) return "";
  return [isOld(spot) && age(spot.at), spot.main, spot.more].filter(Boolean).join(", ").slice(0, 200);
}

// --- telling the walk lead ------------------------------------------------------------------------------------------------

const isOurs = (one) => one.kind === "incident" && stateOf(one) !== "closed" && Date.now() - one.made_at < SAME_TROUBLE;

async function telling(kind) {
  const spot = await whereabouts();
  const { segment = null, side = null } = spot && !isOld(spot) ? spot : {};
  const body = { kind, place: placeText(spot), segment, side, note: "", happened_at: localTime() };
  const work = () => (open ? change(open.id, { kind }, { settle: 0 }) : add({ kind: "incident", walk: here.walk.id, body }, { settle: 0 }));
  const kept = await keep(work, { wait: 0 });
  if (!kept) return;
  open = kept;
  startNew = false;
  drawTold();
  $("help-told").scrollIntoView({ block: "nearest" });
}

const SAID = { queued: "help_saved", sent: "help_sent", confirmed: "help_sent", refused: "help_refused" };

function kinds() {
  const press = ([code, words]) => button({ "aria-pressed": "false", "data-kind": code, onclick: tap(() => telling(code)) }, words);
  return labels(here.walk.pack, "incident_kinds").map(press);
}

function field(name, label, hint, maxlength, long) {
  const save = async (value) => {
    if (open) open = (await keep(() => change(open.id, { [name]: value }))) || open;
  };
  return typed({ id: `help-${name}`, label, hint, value: open.body[name], maxlength, long, autocomplete: "off", save });
}

async function undo() {
  await keepTyped();
  if (!(await takenBack(open.id))) return;
  open = null;
  drawTold();
  $("help-kinds").firstElementChild.focus();
}

function another() {
  open = null;
  startNew = true;
  drawTold();
  $("help-kinds").firstElementChild.focus();
}

function drawTold() {
  for (const one of $("help-kinds").children) one.ariaPressed = String(one.dataset.kind === open?.body.kind);
  $("help-extra").replaceChildren(
    ...(open
      ? [
          field("place", t("help_place"), t("help_place_hint"), 200, true),
          field("note", t("help_note"), t("help_note_hint"), 500, true),
          el(
            "p",
            { class: "row" },
            button({ id: "help-undo", onclick: tap(undo) }, icon("undo"), t("undo")),
            button({ onclick: tap(another) }, t("help_other")),
          ),
        ]
      : []),
  );
  drawState();
}

function drawState() {
  if (!open) return tell("help-told");
  const state = stateOf(open);
  const words = t(SAID[state] || `state_${state}`);
  const line = savedLine(open, here.walk.pack?.walk.time_zone, words);
  line.querySelector("span").textContent = time(open.made_at, here.walk.pack?.walk.time_zone);
  if (state === "queued") line.firstElementChild.replaceWith(icon("warning"));
  return tell("help-told", line);
}

/** The record may have been sent meanwhile, or changed in another tab. */
async function refresh() {
  if (here.screen !== "help" || !open) return;
  open = (await recordsOf(here.walk.id)).find((one) => one.id === open.id) || open;
  drawState();
}

onChange(() => refresh().catch(() => {}));
places.onPlace(() => drawPlace().catch(() => {}));

// --- the screen -----------------------------------------------------------------------------------------------------------

function meeting(pack) {
  if (!pack?.walk.meeting_place) return null;
  const back = t("back_by", { time: time(pack.walk.end_at, pack.walk.time_zone) });
  return el("p", { class: "gps" }, icon("flag"), `${t("help_meeting", { place: pack.walk.meeting_place })}, ${back}`);
}

function draw() {
  const { pack } = here.walk;
  const [emergency, ...people] = peopleToCall(pack);
  const bar = el(
    "div",
    { class: "bar bar-2 bar-first" },
    callButton(emergency),
    button({ class: "btn-l", id: "help-back", onclick: () => go("log") }, t("back")),
  );
  const body = el(
    "div",
    { class: "body" },
    heading(t("help_title"), "warning"),
    el("div", { class: "where-big", id: "help-where" }),
    callList(people),
    el("div", {}, el("p", {}, t("help_stay")), meeting(pack)),
    el(
      "section",
      { class: "tell", "aria-labelledby": "help-tell" },
      el("h2", { id: "help-tell" }, t("help_tell")),
      el("p", { class: "hint" }, t("help_tell_hint")),
      el("div", { class: "pick-big", id: "help-kinds" }, kinds()),
      el("div", { id: "help-told", role: "status" }),
      el("div", { class: "stack", id: "help-extra" }),
    ),
  );
  screenOf("help").replaceChildren(bar, body);
}

/** The one that was asked for (it was refused, say), or the newest of this trouble. */
async function incidentToOpen(id) {
  const records = await recordsOf(here.walk.id);
  const asked = records.find((one) => one.id === id && one.kind === "incident" && stateOf(one) !== "closed");
  return asked || (startNew ? null : records.find(isOurs) || null);
}

export async function show(screen, id) {
  open = await incidentToOpen(id);
  draw();
  await drawPlace();
  drawTold();
  const older = setInterval(() => drawPlace().catch(() => {}), 20000);
  return async () => {
    clearInterval(older);
    await keepTyped();
  };
}
