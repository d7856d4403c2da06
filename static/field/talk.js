// "We talked with somebody": of what kind, what came of it, what about. One tap saves; nobody is named without a yes.

import { cardPart } from "./card.js";
import { $, chips, el, icon, keepTyped, typed } from "./dom.js";
import { saysWho } from "./doubt.js";
import { button, heading, keep, savedLine, screenOf, takenBack, tap } from "./parts.js";
import { position } from "./place.js";
import { add, change, localTime, onChange, record as load, recordsOf, release, stateOf } from "./records.js";
import { go, here } from "./shell.js";
import { shopPart } from "./shops.js";
import { get, set, update } from "./store.js";
import { labelOf, labels } from "./titles.js";
import { t } from "./words.js";
import { yesPart } from "./yes.js";

const LAST_KIND = "talk-kind";
const HOLD = 110000; // somebody is still telling: once it is sent nothing can be added
const SYMBOLS = { talked: "speech", left_material: "paper" };
let open = null; // the talk just saved
let holding = 0;
let shop = {}; // chosen before anything is saved
let kind = ""; // preselected: whom this phone talked with last

async function save(result) {
  const body = { kind, result, needs: [], consent: null, captured_at: localTime(), position: position(), ...shop };
  const kept = await keep(() => add({ kind: "contact", walk: here.walk.id, body }, { settle: HOLD }));
  if (!kept) return;
  set("meta", kind, LAST_KIND).catch(() => {}); // only a convenience
  go("talk", kept.id, { instead: true });
}

const hold = (id) => update("records", id, (row) => row?.state === "queued" && { ...row, next_at: Date.now() + HOLD });

async function put(body) {
  open = (await keep(() => change(open.id, body, { settle: HOLD }))) || open;
  drawSaved();
}

async function chooseKind([code]) {
  kind = code;
  if (open) await put({ kind });
  $("talk-shop").replaceWith(shops());
}

/** Keeps what is chosen of a shop, before and after the talk is saved. */
async function chooseShop(body) {
  shop = { ...shop, ...body };
  if (open) await put(body);
}

const shops = () =>
  el("div", { id: "talk-shop" }, kind === "business" && shopPart(here.walk.pack, position(), open?.body || shop, chooseShop));

async function undo() {
  if (!(await takenBack(open.id))) return;
  go("talk", "", { instead: true });
}

async function leaveTo(screen) {
  await keep(() => release(open.id), { wait: 0 });
  go(screen, "", { instead: screen === "talk" });
}

function results() {
  const one = ([code, words]) =>
    button(
      { "data-result": code, "aria-pressed": open && String(open.body.result === code), onclick: tap(() => (open ? put({ result: code }) : save(code))) },
      SYMBOLS[code] && icon(SYMBOLS[code]),
      words,
    );
  return el(
    "section",
    { "aria-labelledby": "talk-result" },
    el("h2", { id: "talk-result" }, t("talk_result")),
    el("div", { class: "pick-big" }, labels(here.walk.pack, "contact_results").map(one)),
  );
}

function whom() {
  const options = labels(here.walk.pack, "contact_kinds");
  return chips({ name: "talk-kind", legend: t("talk_whom"), options, chosen: [kind], change: chooseKind });
}

function needs() {
  const options = labels(here.walk.pack, "needs");
  if (!options.length) return null;
  const change = (chosen) => put({ needs: chosen });
  return chips({ name: "talk-needs", legend: t("talk_needs"), hint: t("talk_needs_hint"), options, chosen: open.body.needs, many: true, change });
}

const privacy = () => el("p", { class: "gps gps-so" }, icon("warning"), el("span", {}, t("talk_private")));

// --- more than two taps ---------------------------------------------------------------------------------------------------

/** Somebody wants help: their words are kept by "Save" and sent at once. */
async function saveYes(body) {
  clearInterval(holding);
  await put(body);
  await keep(() => release(open.id), { wait: 0 });
  drawKept();
}

function openYes() {
  const { body } = open;
  $("talk-more").replaceChildren(yesPart({ body, pack: here.walk.pack, needsNow: () => open.body.needs, save: saveYes, close: closeMore }));
  $("yes-title").focus();
}

function openNote() {
  const doubt = el("p", { class: "hint hint-doubt", role: "status" });
  const save = (note) => {
    doubt.textContent = saysWho(note) ? t("talk_who") : "";
    return put({ note });
  };
  const note = typed({ id: "talk-note", label: t("talk_note"), hint: t("talk_note_hint"), value: open.body.note || "", long: true, maxlength: 300, save });
  $("talk-more").replaceChildren(note, doubt, cardPart(open.body.card || "", (card) => put({ card })));
  $("talk-note").focus();
}

function more() {
  const asked = open.body.consent;
  return el(
    "div",
    { id: "talk-more", class: "stack" },
    asked && el("p", { class: "note" }, icon("check"), el("span", {}, el("b", {}, t("yes_asked")), " ", t("yes_forgets"))),
    here.walk.pack?.help?.version && button({ class: "btn-l btn-wide", id: "talk-yes", onclick: tap(openYes) }, icon("people"), t("talk_help")),
    button({ class: "btn-wide", id: "talk-extra", onclick: tap(openNote) }, t("talk_extra")),
  );
}

const closeMore = () => $("talk-more").replaceWith(more());

function title() {
  const { pack } = here.walk;
  if (open.asked) return t("yes_asked");
  return `${labelOf(pack, "contact_kinds", open.body.kind)}: ${labelOf(pack, "contact_results", open.body.result)}`;
}

function drawSaved() {
  const line = savedLine(open, here.walk.pack?.walk.time_zone);
  $("talk-saved").replaceChildren(line);
  $("talk-title").textContent = title();
  for (const one of document.querySelectorAll("[data-result]")) one.ariaPressed = String(one.dataset.result === open.body.result);
}

function bar(...buttons) {
  return el("div", { class: `bar bar-${buttons.length}` }, buttons);
}

function drawEmpty(n) {
  screenOf("talk").replaceChildren(
    el(
      "div",
      { class: "body" },
      heading(t("talk_title"), "speech"),
      privacy(),
      whom(),
      shops(),
      results(),
      n > 0 && el("p", { class: "quiet" }, t("talk_count", { n })),
    ),
    bar(button({ class: "btn-l", onclick: () => go("log") }, t("back"))),
  );
}

/** Of what they told nothing is here any more; their code is, until somebody leaves this screen. */
const sent = () => [
  el("p", { class: "quiet" }, t("yes_gone")),
  ...(open.code ? [el("p", { class: "note note-lamp" }, t("yes_code")), el("p", { class: "code", translate: "no" }, open.code)] : []),
];

function drawKept() {
  screenOf("talk").replaceChildren(
    el("div", { id: "talk-saved", tabindex: "-1" }),
    el(
      "div",
      { class: "body" },
      el("h1", { id: "talk-title" }, title()),
      ...(open.reduced ? sent() : [needs(), more(), privacy(), whom(), shops(), results()]),
    ),
    bar(
      button({ class: "btn-l", id: "talk-undo", onclick: tap(undo) }, icon("undo"), t("undo")),
      button({ class: "btn-l", id: "talk-next", onclick: tap(() => leaveTo("talk")) }, t("talk_more")),
      button({ class: "btn-l btn-go", id: "talk-done", onclick: tap(() => leaveTo("log")) }, t("done")),
    ),
  );
  drawSaved();
}

async function refresh() {
  if (here.screen !== "talk" || !open) return;
  const now = await load(open.id);
  if (!now || stateOf(now) === stateOf(open)) return;
  const isGone = now.reduced && !open.reduced;
  open = now;
  if (isGone) drawKept();
  else drawSaved();
}

onChange(() => refresh().catch(() => {}));

/** What was told stays neither in the page nor, once shown, their code on the phone. */
async function leave() {
  clearInterval(holding);
  await keepTyped();
  const { id } = open;
  open = null;
  screenOf("talk").replaceChildren();
  await update("records", id, (row) => row?.code && { ...row, code: "" });
  await release(id);
}

export async function show(screen, id) {
  const kept = id && (await load(id));
  open = kept?.kind === "contact" && !kept.deleted ? kept : null;
  shop = {};
  kind = open?.body.kind || (await get("meta", LAST_KIND)) || labels(here.walk.pack, "contact_kinds")[0][0];
  if (open) {
    drawKept();
    $("talk-saved").focus();
    clearInterval(holding);
    holding = setInterval(() => hold(id), HOLD / 2);
    return leave;
  }
  const talks = (await recordsOf(here.walk.id)).filter((one) => one.kind === "contact");
  drawEmpty(talks.length);
  screenOf("talk").querySelector("h1").focus();
}
