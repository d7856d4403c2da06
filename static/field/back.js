// "All 5 are back", or 4 of 5 and whom to call. One record of this phone; a change is its newer state.

import { $, el, icon, keepTyped, typed } from "./dom.js";
import { button, callList, heading, keep, peopleToCall, savedLine, screenOf, stepper, takenBack, tap, tell } from "./parts.js";
import { add, change, localTime, onChange, recordsOf, stateOf } from "./records.js";
import { go, here } from "./shell.js";
import { get, set } from "./store.js";
import { t } from "./words.js";

const USUAL = 4;
const MOST = 99;
let open = null;
let nOut = USUAL;
let nBack = USUAL - 1;

const outKey = () => `n-out-${here.walk.id}`;
const isLast = (one) => one.kind === "team_back" && stateOf(one) !== "closed";
const words = (n, max) => (n === max ? t("back_all", { n }) : t("back_some", { n, max }));

async function save(n) {
  const body = { n_back: n, n_out: nOut, back_at: localTime() };
  const fresh = () => add({ kind: "team_back", walk: here.walk.id, body: { ...body, note: "" } }, { settle: 0 });
  const kept = await keep(() => (open ? change(open.id, body, { settle: 0 }) : fresh()), { wait: 0 });
  if (!kept) return;
  open = kept;
  drawAfter();
  drawState();
}

async function undo() {
  await keepTyped();
  if (!(await takenBack(open.id))) return;
  open = null;
  drawAfter();
  drawState();
  $("back-all").focus();
}

function drawButtons() {
  $("back-all").textContent = words(nOut, nOut);
  $("back-some").textContent = words(nBack, nOut);
  $("back-part").hidden = nOut < 2;
}

function setOut(n) {
  nOut = n;
  nBack = Math.min(nBack, n - 1);
  steppers.in.put(nBack);
  drawButtons();
  set("meta", n, outKey()).catch(() => {}); // only a convenience
}

function setBack(n) {
  nBack = steppers.in.put(Math.min(n, nOut - 1));
  drawButtons();
}

let steppers = {};

function note() {
  const save = async (value) => {
    if (open) open = (await keep(() => change(open.id, { note: value }))) || open;
  };
  return typed({ id: "back-note", label: t("back_note"), hint: t("back_note_hint"), value: open.body.note, long: true, maxlength: 300, save });
}

/** What follows a saved number: where somebody is missing, a note and whom to call. */
function drawAfter() {
  const isMissing = open && open.body.n_back < open.body.n_out;
  const warning = () => el("p", { class: "note note-danger", role: "alert" }, icon("warning"), el("span", {}, t("back_missing")));
  $("back-after").replaceChildren(...(isMissing ? [warning(), callList(peopleToCall(here.walk.pack)), note()] : []));
  $("back-undo").hidden = $("back-done").hidden = !open;
  $("back-home").hidden = Boolean(open);
  $("back-bar").className = open ? "bar bar-2" : "bar bar-1";
}

function drawState() {
  if (!open) return tell("back-said");
  const { n_back: n, n_out: max } = open.body;
  return tell("back-said", savedLine(open, here.walk.pack?.walk.time_zone, words(n, max)));
}

function bar() {
  const home = () => go("people");
  return el(
    "div",
    { class: "bar", id: "back-bar" },
    button({ class: "btn-l", id: "back-home", onclick: home }, t("back")),
    button({ class: "btn-l", id: "back-undo", onclick: tap(undo) }, icon("undo"), t("undo")),
    button({ class: "btn-l", id: "back-done", onclick: home }, t("done")),
  );
}

function draw() {
  const out = stepper({ id: "back-n-out", label: t("back_out"), value: nOut, min: 1, max: MOST, change: setOut });
  const inside = stepper({ id: "back-n-in", label: t("back_in"), value: nBack, max: MOST, change: setBack });
  steppers = { out, in: inside };
  screenOf("back").replaceChildren(
    el("div", { id: "back-said", role: "status" }),
    el(
      "div",
      { class: "body" },
      heading(t("back_title"), "people"),
      el("p", { class: "hint" }, t("back_lead")),
      out.box,
      button({ class: "btn-go btn-l btn-wide btn-huge", id: "back-all", onclick: tap(() => save(nOut)) }),
      el(
        "div",
        { class: "stack", id: "back-part" },
        inside.box,
        button({ class: "btn-l btn-wide", id: "back-some", onclick: tap(() => save(nBack)) }),
      ),
      el("div", { class: "stack", id: "back-after" }),
    ),
    bar(),
  );
  drawButtons();
  drawAfter();
  drawState();
}

async function refresh() {
  if (here.screen !== "back" || !open) return;
  open = (await recordsOf(here.walk.id)).find((one) => one.id === open.id) || open;
  drawState();
}

onChange(() => refresh().catch(() => {}));

export async function show() {
  open = (await recordsOf(here.walk.id)).find(isLast) || null;
  nOut = open?.body.n_out || (await get("meta", outKey())) || USUAL;
  const last = open && open.body.n_back < nOut ? open.body.n_back : nOut - 1;
  nBack = Math.max(0, last);
  draw();
  return keepTyped;
}
