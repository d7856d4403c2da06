// "We talked with somebody": of what kind, what came of it, what about. One tap saves; nobody is named.

import { $, chips, el, icon } from "./dom.js";
import { button, heading, keep, savedLine, screenOf, takenBack, tap } from "./parts.js";
import { position } from "./place.js";
import { add, change, localTime, onChange, record as load, recordsOf, release, stateOf } from "./records.js";
import { go, here } from "./shell.js";
import { get, set } from "./store.js";
import { labelOf, labels } from "./titles.js";
import { t } from "./words.js";

const LAST_KIND = "talk-kind";
const SYMBOLS = { talked: "speech", left_material: "paper" };
let open = null; // the talk just saved
let kind = ""; // preselected: whom this phone talked with last

async function save(result) {
  const body = { kind, result, needs: [], consent: null, captured_at: localTime(), position: position() };
  const kept = await keep(() => add({ kind: "contact", walk: here.walk.id, body }));
  if (!kept) return;
  set("meta", kind, LAST_KIND).catch(() => {}); // only a convenience
  go("talk", kept.id, { instead: true });
}

async function put(body) {
  open = (await keep(() => change(open.id, body))) || open;
  drawSaved();
}

async function chooseKind([code]) {
  kind = code;
  if (open) await put({ kind });
}

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

function title() {
  const { pack } = here.walk;
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
      results(),
      n > 0 && el("p", { class: "quiet" }, t("talk_count", { n })),
    ),
    bar(button({ class: "btn-l", onclick: () => go("log") }, t("back"))),
  );
}

function drawKept() {
  screenOf("talk").replaceChildren(
    el("div", { id: "talk-saved", tabindex: "-1" }),
    el(
      "div",
      { class: "body" },
      el("h1", { id: "talk-title" }, title()),
      needs(),
      privacy(),
      whom(),
      results(),
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
  open = now;
  drawSaved();
}

onChange(() => refresh().catch(() => {}));

export async function show(screen, id) {
  const kept = id && (await load(id));
  open = kept?.kind === "contact" && !kept.deleted ? kept : null;
  kind = open?.body.kind || (await get("meta", LAST_KIND)) || labels(here.walk.pack, "contact_kinds")[0][0];
  if (open) {
    drawKept();
    $("talk-saved").focus();
    return;
  }
  const talks = (await recordsOf(here.walk.id)).filter((one) => one.kind === "contact");
  drawEmpty(talks.length);
  screenOf("talk").querySelector("h1").focus();
}
